import { createServer, type RequestListener } from 'node:http';
import nock from 'nock';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OperatorMustFix, RetryLater, type SluiceError } from '../../shared/core/errors.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import {
  answersPreflight,
  aSource,
  elasticsearch,
  errorAnswer,
  origin,
  searchAnswer,
} from '../support/elasticsearch-on-the-wire.ts';

const capabilitiesPath = '/closer-*/_field_caps?fields=%40timestamp';
const searchPath = '/closer-*/_search?allow_partial_search_results=false';

const fields = (types: Readonly<Record<string, unknown>>, indices: readonly string[] = ['closer-1', 'closer-2']) => ({
  indices,
  fields: Object.keys(types).length > 0 ? { '@timestamp': types } : {},
});

/** What preflight says, and who must act. */
const refusal = async (source = aSource()): Promise<{ who: SluiceError['actor']; text: string }> => {
  const error = await source.preflight().catch((thrown: unknown) => thrown);
  if (error instanceof OperatorMustFix || error instanceof RetryLater) return { who: error.actor, text: error.message };
  throw new Error(`preflight gave ${String(error)}`);
};

describe('preflight', () => {
  it('names the version and the indices', async () => {
    answersPreflight();
    expect(await aSource().preflight()).toEqual({ description: 'Elasticsearch 8.19.21', indices: ['closer-1'] });
  });

  it('proves by a search that the server takes our requests: GET / would pass where a search fails', async () => {
    elasticsearch()
      .get(capabilitiesPath)
      .reply(200, fields({ date: { type: 'date' } }));
    elasticsearch().post(searchPath).reply(400, errorAnswer('media_type_header_exception', 'Invalid media-type value'));
    expect(await refusal()).toEqual({
      who: 'operator',
      text:
        'Elasticsearch at https://es.example.com:9200 does not accept plain JSON (400 media_type_header_exception: ' +
        'Invalid media-type value); supported are 7.17, 8 and 9.',
    });
  });

  it('passes where the version may not be seen', async () => {
    elasticsearch()
      .get(capabilitiesPath)
      .reply(200, fields({ date: {}, date_nanos: {} }));
    elasticsearch().post(searchPath).reply(200, searchAnswer());
    elasticsearch().get('/').reply(403, errorAnswer('security_exception'));
    expect(await aSource().preflight()).toEqual({ description: 'Elasticsearch', indices: ['closer-1', 'closer-2'] });
  });

  it('passes over indices that are empty and have no fields yet', async () => {
    elasticsearch().get(capabilitiesPath).reply(200, fields({}));
    elasticsearch()
      .post(searchPath)
      .twice()
      .reply(200, searchAnswer({ hits: { hits: [] } }));
    elasticsearch()
      .get('/')
      .reply(200, { version: { number: '9.5.3' } });
    expect((await aSource().preflight()).description).toBe('Elasticsearch 9.5.3');
  });

  it.each([
    ['a pattern that matches nothing', 200, { indices: [], fields: {} }],
    ['a name that does not exist', 404, errorAnswer('index_not_found_exception', 'no such index [closer]', 404)],
    [
      'a name that is closed, in the words of 7.17',
      403,
      errorAnswer('cluster_block_exception', 'index [closer] blocked by: [FORBIDDEN/4/index closed];', 403),
    ],
    ['a name that is closed', 400, errorAnswer('index_closed_exception', 'closed', 400)],
  ])('says what to check for %s', async (_, status, body) => {
    elasticsearch().get(capabilitiesPath).reply(status, body);
    expect(await refusal()).toEqual({
      who: 'operator',
      text:
        'No open index at https://es.example.com:9200 matches SLUICE_SOURCE_INDEX "closer-*". ' +
        'Check the pattern, and that the credentials may read what it should match (renamed indices need the privilege anew).',
    });
  });

  it.each(['keyword', 'long', 'text'])('names the indices where the time field is %s', async (type) => {
    const mixed = { date: { indices: ['closer-1'] }, [type]: { indices: ['closer-2', 'c-3', 'c-4', 'c-5'] } };
    elasticsearch().get(capabilitiesPath).reply(200, fields(mixed));
    expect(await refusal()).toEqual({
      who: 'operator',
      text:
        'SLUICE_SOURCE_TIME_FIELD "@timestamp" must be of type date or date_nanos in every index at https://es.example.com:9200; ' +
        `it is ${type} in closer-2, c-3, c-4 and 1 more. Name another field, or map this one as date and index the events anew.`,
    });
  });

  it('says so when events exist and none has the time field', async () => {
    elasticsearch().get(capabilitiesPath).reply(200, fields({}));
    elasticsearch().post(searchPath).twice().reply(200, searchAnswer());
    expect((await refusal()).text).toContain('it is in no index of closer-1, closer-2.');
  });

  it('says which privilege is missing', async () => {
    elasticsearch().get(capabilitiesPath).reply(403, errorAnswer('security_exception', 'unauthorized for API key'));
    expect(await refusal()).toMatchObject({ who: 'operator', text: expect.stringContaining('privilege `read`') });
  });

  it.each([
    ['{"apiKey":"abcdefgh"}', 'an API key'],
    ['{"username":"sluice","password":"pass-word"}', 'the user "sluice"'],
  ])('says which credentials were refused: %s', async (secret, words) => {
    elasticsearch().get(capabilitiesPath).reply(401, errorAnswer('security_exception'));
    expect(await refusal(aSource({ secrets: memorySecrets({ elasticsearch: secret }) }))).toEqual({
      who: 'operator',
      text: `Elasticsearch at https://es.example.com:9200 refuses ${words} (401 Unauthorized). Check the secret "elasticsearch".`,
    });
  });

  it('says how to set credentials when the server asks for some and none are set', async () => {
    elasticsearch().get(capabilitiesPath).reply(401, errorAnswer('security_exception'));
    const { who, text } = await refusal(aSource({ secrets: memorySecrets({}) }));
    expect(who).toBe('operator');
    expect(text).toContain(
      'asks for credentials (401 Unauthorized), and none are set. Add "elasticsearch": { "apiKey":',
    );
  });

  it.each(['api-key-as-plain-text', '{"key":"value-of-it"}', '["value-of-it"]', 'null'])(
    'says how to write the secret when it is %s, without repeating it',
    async (secret) => {
      const { who, text } = await refusal(aSource({ secrets: memorySecrets({ elasticsearch: secret }) }));
      expect(who).toBe('operator');
      expect(text).toContain('Write it as a JSON object with "apiKey", or with "username" and "password".');
      expect(text).not.toMatch(/api-key-as-plain-text|value-of-it|null/);
    },
  );

  it('does not take OpenSearch, or anything else, for Elasticsearch', async () => {
    nock(origin)
      .get(capabilitiesPath)
      .reply(200, fields({ date: {} }), { 'x-opensearch-version': 'OpenSearch/3.8.0' });
    expect(await refusal()).toEqual({
      who: 'operator',
      text:
        'https://es.example.com:9200 answers, but it is not Elasticsearch (its answers have no X-Elastic-Product header; ' +
        'OpenSearch is not supported). Let SLUICE_SOURCE_URL (https://es.example.com:9200) name an Elasticsearch 7.17, 8 or 9.',
    });
  });

  it.each([
    ['es.example.com:9200', 'must be the URL of an Elasticsearch'],
    ['file:///log', 'must be the URL of an Elasticsearch'],
    ['https://user:hunter22@es.example.com', 'must not hold a user or password'],
  ])('refuses the setting %s', (url, words) => {
    expect(() => aSource({ url })).toThrow(words);
    expect(() => aSource({ url })).not.toThrow('hunter22');
  });
});

describe('a server that cannot be reached', () => {
  const failing = async (message: string, url = origin) => {
    elasticsearch(url).get(capabilitiesPath).replyWithError(message);
    return refusal(aSource({ url }));
  };

  it('is a wrong setting when nobody knows its host', async () => {
    expect(await failing('getaddrinfo ENOTFOUND es.example.com')).toEqual({
      who: 'operator',
      text: 'The host in SLUICE_SOURCE_URL (https://es.example.com:9200) is unknown. Check its spelling and the DNS.',
    });
  });

  it.each(['self-signed certificate', "Hostname/IP does not match certificate's altnames", 'certificate has expired'])(
    'is a matter of trust when it says %s',
    async (message) => {
      const { who, text } = await failing(message);
      expect(who).toBe('operator');
      expect(text).toContain(`is not accepted (${message}). Trust its authority with NODE_EXTRA_CA_CERTS`);
    },
  );

  it('is named as one without TLS', async () => {
    expect(
      await failing('write EPROTO 00:error:0A00010B:SSL routines:ssl3_get_record:wrong version number'),
    ).toMatchObject({
      who: 'operator',
      text: expect.stringContaining('does not speak TLS. Write http://'),
    });
  });

  it.each(['getaddrinfo EAI_AGAIN es.example.com', 'connect EHOSTUNREACH 192.0.2.1:9200', 'connect ENETUNREACH'])(
    'is left to the next run when the network fails: %s',
    async (message) => {
      expect(await failing(message)).toMatchObject({ who: 'next-run', text: expect.stringContaining(message) });
    },
  );

  /** A server of this test's own on a port of 127.0.0.1. */
  const serving = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  };

  it('says where nothing listens', async () => {
    const url = 'http://127.0.0.1:1';
    expect(await refusal(aSource({ url }))).toEqual({
      who: 'next-run',
      text: `Nothing listens at ${url} (connection refused). Check that Elasticsearch runs, and the port in SLUICE_SOURCE_URL (${url}).`,
    });
    expect((await refusal(aSource({ url: 'http://localhost:1' }))).text).toContain('connection refused');
  });

  it('is given up when it never answers', async () => {
    const url = await serving(() => {});
    expect(await refusal(aSource({ url, requestMs: 50 }))).toEqual({
      who: 'next-run',
      text: `Elasticsearch at ${url} did not answer within 50 ms. Nothing was consumed. If it stays so, check its load.`,
    });
  });

  it('is given up when it stalls in the middle of its answer', async () => {
    const url = await serving((_, response) => {
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });
      response.write('{"indices":');
    });
    expect((await refusal(aSource({ url, requestMs: 50 }))).text).toContain('did not answer within 50 ms');
  });

  it('is given up when it drips its answer byte by byte', async () => {
    const url = await serving((_, response) => {
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    });
    expect((await refusal(aSource({ url, requestMs: 100 }))).text).toContain('did not answer within 100 ms');
  });

  it('is left to the next run when it breaks off its answer', async () => {
    const url = await serving((_, response) => {
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-length': '1000' });
      response.write('{"indices":', () => response.destroy());
    });
    const { who, text } = await refusal(aSource({ url }));
    expect(who).toBe('next-run');
    expect(text).toContain(`The connection to Elasticsearch at ${url} broke`);
    expect(text).toContain('If the server wants TLS, write https:// in SLUICE_SOURCE_URL.');
  });
});

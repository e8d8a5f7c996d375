import { describe, expect, it } from 'vitest';
import { connectTo } from '../../shared/adapters/elasticsearch/connection.ts';
import { lineHit } from '../../shared/adapters/ndjson/line-hit.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { elasticsearch, origin } from '../support/elasticsearch-on-the-wire.ts';

const document = '{"user.id":9007199254740993,"n":9007199254740991}';
const exact = { 'user.id': '9007199254740993', n: 9007199254740991 };

describe('a whole number beyond 2^53', () => {
  it('keeps its digits in an answer of Elasticsearch', async () => {
    elasticsearch().get('/some').reply(200, `{"_source":${document}}`, { 'content-type': 'application/json' });
    const connection = connectTo({ url: origin, secrets: memorySecrets({}), maxAnswerBytes: 1_000_000 });
    const answer = await connection.ask({ method: 'GET', path: '/some', timeoutMs: 5_000 });
    expect(answer).toMatchObject({ kind: 'answer', body: { _source: exact } });
  });

  it('keeps its digits in a line of a log', () => {
    const { hit } = lineHit(Buffer.from(document), { file: 'log.ndjson', offset: 0 }, '@timestamp');
    expect(hit._source).toEqual(exact);
  });
});

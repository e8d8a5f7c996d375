import { createServer, request } from 'node:http';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../../shared/flows/doctor/finding.ts';
import { sluice } from '../../support/sluice-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeReal } from '../support/server-url.ts';
import { serverAt } from './server.ts';

/** Mappings and settings that are wrong on a real server, and what `doctor` says of them. */
describeReal('doctor on Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);
  const run = `doctor-${process.pid}`;
  const date = { '@timestamp': { type: 'date' } };
  const indices: Readonly<Record<string, object>> = {
    good: { mappings: { properties: date } },
    nanos: { mappings: { properties: { '@timestamp': { type: 'date_nanos' } } } },
    text: { mappings: { properties: { '@timestamp': { type: 'text' } } } },
    without: { mappings: { dynamic: false, properties: { other: { type: 'keyword' } } } },
    closed: { mappings: { properties: date } },
    slow: { mappings: { properties: date }, settings: { refresh_interval: '40s' } },
    slower: { mappings: { properties: date }, settings: { refresh_interval: '10m' } },
    never: { mappings: { properties: date }, settings: { refresh_interval: '-1' } },
    hollow: { mappings: { _source: { enabled: false }, properties: date } },
    numbers: { mappings: { properties: { ...date, user: { properties: { id: { type: 'long' } } } } } },
    opaque: { mappings: { properties: { ...date, message: { type: 'text' } } } },
    narrow: {
      mappings: {
        dynamic: false,
        properties: { ...date, message: { properties: { event: { properties: { action: { type: 'keyword' } } } } } },
      },
    },
    lonely: { mappings: { properties: date }, settings: { 'index.routing.allocation.require._name': 'nobody' } },
  };
  const nameOf = (kind: string): string => `${run}-${kind}`;

  beforeAll(async () => {
    for (const [kind, { settings, ...body }] of Object.entries<{ settings?: object }>(indices)) {
      const path = `/${nameOf(kind)}?wait_for_active_shards=0`;
      await server.send('PUT', path, { ...body, settings: { number_of_replicas: 0, ...settings } });
    }
    await server.send('POST', `/${nameOf('closed')}/_close`);
    const source = (n: number) => ({
      '@timestamp': new Date(Date.now() - n * 1000).toISOString(),
      message: { 'event.action': 'agent_login', 'user.id': `u${n}`, 'http.response.status_code': 200 },
    });
    await server.index(
      Array.from({ length: 50 }, (_, n) => ({ index: nameOf('good'), id: String(n), source: source(n) })),
    );
    await server.index([
      { index: nameOf('numbers'), id: 'a', source: { '@timestamp': new Date().toISOString(), user: { id: 7 } } },
      { index: nameOf('without'), id: 'a', source: { other: 'x' } },
      { index: nameOf('opaque'), id: 'a', source: { '@timestamp': new Date().toISOString(), message: '{"a":1}' } },
    ]);
  });
  afterAll(() => server.send('DELETE', `/${Object.keys(indices).map(nameOf).join(',')}`));

  const doctor = async (kinds: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await sluice(['doctor', '--json'], {
      cwd,
      env: {
        SLUICE_SOURCE_URL: url,
        SLUICE_SOURCE_INDEX: kinds.map(nameOf).join(','),
        SLUICE_TENANT: 'acme',
        ...env,
      },
    });
    expect(stderr).toBe('');
    const findings: readonly Finding[] = JSON.parse(stdout);
    const of = (check: string) => findings.find((finding) => finding.check === check);
    return { code, findings, elasticsearch: (part: string) => of(`elasticsearch/${part}`), of };
  };

  it('says ok of a good index, estimates its day, and leaves nothing open', async () => {
    const { code, findings, elasticsearch, of } = await doctor(['good']);
    expect({ code, wrong: findings.filter(({ verdict }) => verdict !== 'ok') }).toEqual({ code: 0, wrong: [] });
    expect(elasticsearch('version')?.message).toMatch(/^Elasticsearch [789]\.\d+\.\d+ at http/);
    expect(elasticsearch('clock')?.message).toBe('The clocks differ by less than 1 s.');
    expect(elasticsearch('filter-fields')?.message).toContain('are mapped below message');
    expect(of('volume')?.message).toMatch(
      /^About 1 event a minute \(50 events in 24 hours\); a day adds about [\d.]+ (bytes|KB) to the journal; one pull keeps up\.$/,
    );
    const stats = await server.send('GET', `/${nameOf('good')}/_stats/search`);
    expect(stats).toMatchObject({ _all: { total: { search: { open_contexts: 0 } } } });
  });

  it('says ok of dates beside nanoseconds', async () => {
    const { code, elasticsearch } = await doctor(['good', 'nanos']);
    expect(code).toBe(0);
    expect(elasticsearch('time-field')?.message).toContain('put in order to the nanosecond');
  });

  it.each([
    [['good', 'text'], 'time-field', 'problem', '"@timestamp" is text in'],
    [['without'], 'time-field', 'problem', '"@timestamp" is in no index of the pattern.'],
    [['good', 'without'], 'time-field', 'warning', '"@timestamp" is not mapped in'],
    [['good', 'numbers'], 'filter-fields', 'warning', 'so questions by user read every event of their time range.'],
    [['opaque'], 'filter-fields', 'warning', '`message` is a text, so what is in it is not mapped.'],
    [['good', 'narrow'], 'filter-fields', 'warning', 'new fields of the document are not indexed (dynamic: false).'],
    [['good', 'slow'], 'refresh', 'warning', 'refreshes every 40 s'],
    [['good', 'slower'], 'refresh', 'problem', 'refreshes every 600 s, the overlap is 300 s'],
    [['good', 'never'], 'refresh', 'problem', 'never refreshes by itself'],
    [['good', 'hollow'], 'source', 'problem', 'does not keep _source'],
    [['good', 'lonely'], 'health', 'problem', 'is missing. Pull stops until it is back'],
  ])('of %j: %s is a %s', async (kinds, part, verdict, message) => {
    const { code, elasticsearch } = await doctor(kinds);
    expect(elasticsearch(part)).toMatchObject({ verdict, message: expect.stringContaining(message) });
    expect(elasticsearch(part)?.remedy).toBeTruthy();
    expect(code).toBe(verdict === 'problem' ? 2 : 1);
  });

  it('what it says of numbers is so: the server refuses the search, and the answer is right all the same', async () => {
    const wildcard = { query: { wildcard: { 'user.id': { value: '*7*' } } } };
    await expect(server.send('POST', `/${nameOf('numbers')}/_search`, wildcard)).rejects.toThrow('wildcard queries');
    const cwd = await temporaryFolder();
    const env = { SLUICE_SOURCE_URL: url, SLUICE_SOURCE_INDEX: nameOf('numbers'), SLUICE_TENANT: 'acme' };
    const { code, stdout } = await sluice(['query', '--tenant', 'acme', '--user', '7', '--json'], { cwd, env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).events).toHaveLength(1);
  });

  it('warns of a closed index in the pattern, and names a pattern that matches nothing', async () => {
    const pattern = { SLUICE_SOURCE_INDEX: `${nameOf('good')},${nameOf('closed')}*` };
    const { code, elasticsearch } = await doctor([], pattern);
    expect(code).toBe(1);
    expect(elasticsearch('indices')).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining(`closed, so not read: ${nameOf('closed')}.`),
    });
    const none = await doctor([], { SLUICE_SOURCE_INDEX: `${run}-none-*` });
    expect(none.code).toBe(2);
    const problems = ({ findings }: { readonly findings: readonly Finding[] }) => [
      ...new Set(findings.filter(({ verdict }) => verdict === 'problem').map(({ message }) => message)),
    ];
    expect(problems(none)).toEqual([`No open index at ${url} matches SLUICE_SOURCE_INDEX "${run}-none-*".`]);
    const named = await doctor([], { SLUICE_SOURCE_INDEX: `${run}-none` });
    expect(named.code).toBe(2);
    expect(problems(named)).toHaveLength(1);
  });

  it('finds the clock of a server that is 20 s and 200 s away', async () => {
    for (const [seconds, verdict] of [
      [20, 'warning'],
      [200, 'problem'],
    ] as const) {
      const away = await withClock(url, seconds * 1000);
      const { elasticsearch } = await doctor(['good'], { SLUICE_SOURCE_URL: away });
      expect(elasticsearch('clock')).toMatchObject({
        verdict,
        message: expect.stringMatching(
          new RegExp(`^The clock of this machine is (${seconds - 1}|${seconds})\\.\\d s behind`),
        ),
      });
    }
  });
});

/** The same server behind a proxy that moves the clock in its answers. */
const withClock = async (url: string, aheadMs: number): Promise<string> => {
  const proxy = createServer((incoming, response) => {
    const { host: _, ...headers } = incoming.headers;
    const outgoing = request(new URL(incoming.url ?? '/', url), { method: incoming.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const moved = text.replace(/"to":([\d.E]+)/, (_, to) => `"to":${Number(to) + aheadMs}`);
        const { 'content-length': __, 'transfer-encoding': ___, ...kept } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, kept);
        response.end(moved);
      });
    });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
};

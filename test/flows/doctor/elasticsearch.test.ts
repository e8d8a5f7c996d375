import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../../shared/core/errors.ts';
import { elasticsearchCheck } from '../../../shared/flows/doctor/check-elasticsearch.ts';
import type { Finding } from '../../../shared/flows/doctor/finding.ts';
import { filterFields } from '../../../shared/flows/doctor/judge-fields.ts';
import type { ElasticsearchDiagnosis, FieldFacts, IndexFacts } from '../../../shared/ports/diagnosis.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';

const overlapMs = 300_000;
const signal = new AbortController().signal;
const keywords = (names: readonly string[]): readonly FieldFacts[] =>
  names.map((name) => ({ name, types: { keyword: undefined } }));
const anIndex = (parts: Partial<IndexFacts> = {}): IndexFacts => ({
  name: 'closer-1',
  state: 'open',
  refreshMs: 1000,
  source: 'kept',
  ...parts,
});
const indices = (...all: readonly Partial<IndexFacts>[]): Partial<ElasticsearchDiagnosis> => ({
  indices: async () => ({ kind: 'seen', value: all.map(anIndex) }),
});
const timeField = (types: FieldFacts['types']): Partial<ElasticsearchDiagnosis> => ({
  fields: async (names) => (names.length === 1 ? [{ name: '@timestamp', types }] : keywords(names)),
});
const filterField = (name: string, types: FieldFacts['types']): Partial<ElasticsearchDiagnosis> => ({
  fields: async (names) => {
    if (names.length === 1) return [{ name: '@timestamp', types: { date: undefined } }];
    return names.map((one) => ({ name: one, types: one === name ? types : {} }));
  },
});
const clock = (aheadMs: number, tookMs = 0): Partial<ElasticsearchDiagnosis> => ({
  glance: async () => ({ documents: 10, serverMs: 1_000_000 - aheadMs, oursMs: 1_000_000, tookMs }),
});

/** A server of which all is well, but for what the test says. */
const findings = async (
  parts: Partial<ElasticsearchDiagnosis> = {},
  options: { readonly overlapMs?: number; readonly secret?: string } = {},
): Promise<readonly Finding[]> => {
  const server: ElasticsearchDiagnosis = {
    origin: 'https://es.example.com:9200',
    index: 'closer-*',
    timeField: '@timestamp',
    server: async () => ({ version: '8.19.21', flavour: 'default' }),
    privileges: async () => ({ kind: 'seen', user: 'sluice', missing: [], held: [] }),
    fields: async (names) =>
      names.length === 1 ? [{ name: '@timestamp', types: { date: undefined } }] : keywords(names),
    health: async () => ({ kind: 'seen', value: { status: 'green', nodes: 3, red: [], yellow: [] } }),
    ...indices({}),
    ...clock(0),
    ...parts,
  } as ElasticsearchDiagnosis;
  const secrets = memorySecrets(options.secret === undefined ? {} : { elasticsearch: options.secret });
  return elasticsearchCheck(server, { secrets, overlapMs: options.overlapMs ?? overlapMs }).run(signal);
};

const found = async (part: string, ...given: Parameters<typeof findings>): Promise<Finding | undefined> =>
  (await findings(...given)).find(({ check }) => check === `elasticsearch/${part}`);

it('says ok of every part when all is well', async () => {
  const all = await findings();
  expect(all.map(({ check, verdict }) => `${verdict} ${check.replace('elasticsearch/', '')}`)).toEqual([
    'ok version',
    'ok transport',
    'ok permissions',
    'ok indices',
    'ok refresh',
    'ok source',
    'ok time-field',
    'ok filter-fields',
    'ok clock',
    'ok health',
  ]);
});

it('says once that the server does not answer, and nothing more', async () => {
  const down = { server: () => Promise.reject(new RetryLater('Nothing listens there. Check that it runs.')) };
  await expect(findings(down)).rejects.toThrow('Nothing listens there.');
});

it('looks at the other parts when one of them fails', async () => {
  const all = await findings({
    health: () => Promise.reject(new OperatorMustFix('The health is forbidden. Allow it.')),
    glance: () => Promise.reject(new RetryLater('No whole answer came.')),
  });
  const wrong = all.filter(({ verdict }) => verdict !== 'ok');
  expect(wrong.map(({ check }) => check)).toEqual([
    'elasticsearch/time-field',
    'elasticsearch/filter-fields',
    'elasticsearch/clock',
    'elasticsearch/health',
  ]);
  expect(wrong.at(-1)).toEqual({
    check: 'elasticsearch/health',
    verdict: 'problem',
    message: 'The health is forbidden.',
    remedy: 'Allow it.',
  });
});

describe('version', () => {
  it.each([
    ['7.17.29', 'ok'],
    ['8.0.0', 'ok'],
    ['9.5.3', 'ok'],
    ['10.0.0', 'warning'],
    ['7.16.3', 'problem'],
    ['6.8.23', 'problem'],
  ])('%s: %s', async (version, verdict) => {
    expect(await found('version', { server: async () => ({ version }) })).toMatchObject({ verdict });
  });

  it('does not take Serverless for a version', async () => {
    expect(await found('version', { server: async () => ({ version: '8.11.0', flavour: 'serverless' }) })).toEqual({
      check: 'elasticsearch/version',
      verdict: 'problem',
      message: 'Elastic Serverless at https://es.example.com:9200 is not supported.',
      remedy: 'Read from an Elasticsearch 7.17, 8 or 9.',
    });
  });
});

describe('transport and permissions', () => {
  it.each([
    ['http://127.0.0.1:9200', undefined, 'ok'],
    ['http://[::1]:9200', undefined, 'ok'],
    ['http://es.example.com:9200', undefined, 'warning'],
    ['http://127.0.0.1.example.com:9200', undefined, 'warning'],
    ['https://es.example.com:9200', '{"apiKey":"canary"}', 'ok'],
  ])('%s is judged by who can listen', async (origin, secret, verdict) => {
    expect(await found('transport', { origin }, secret === undefined ? {} : { secret })).toMatchObject({ verdict });
  });

  it('warns that credentials cross the network readable', async () => {
    const finding = await found('transport', { origin: 'http://es.example.com' }, { secret: '{"apiKey":"canary"}' });
    expect(finding?.message).toBe(
      'No TLS: events and credentials cross the network readable for everybody on the way.',
    );
  });

  it('warns of a key that may also write', async () => {
    const privileges = async () => ({ kind: 'seen', user: 'sluice', missing: [], held: ['write'] }) as const;
    expect(await found('permissions', { privileges })).toEqual({
      check: 'elasticsearch/permissions',
      verdict: 'warning',
      message: '"sluice" may read, which is needed, and also write, which is not.',
      remedy: 'Give it read and view_index_metadata alone: a stolen key then cannot change the log.',
    });
  });

  it('names the privileges that are missing', async () => {
    const privileges = async () => ({ kind: 'seen', user: 'sluice', missing: ['read'], held: [] }) as const;
    expect(await found('permissions', { privileges })).toMatchObject({
      verdict: 'problem',
      message: '"sluice" lacks read on a part of the pattern.',
    });
  });

  it('warns of a server without security, unless it is on this machine', async () => {
    const privileges = async () => ({ kind: 'no security' }) as const;
    expect(await found('permissions', { privileges })).toMatchObject({ verdict: 'warning' });
    expect(await found('permissions', { privileges, origin: 'http://localhost:9200' })).toMatchObject({
      verdict: 'ok',
    });
  });
});

describe('indices', () => {
  it('names those that are open, and warns of those that are closed', async () => {
    const facts = indices({ name: '.ds-closer-1', dataStream: 'closer' }, { name: 'closer-2', state: 'closed' });
    expect(await found('indices', facts)).toMatchObject({
      verdict: 'warning',
      message:
        '"closer-*" matches 1 open index (.ds-closer-1, backing the data stream closer); closed, so not read: closer-2.',
    });
  });

  it('is a problem when no open one is left', async () => {
    expect(await found('indices', indices({ state: 'closed' }))).toMatchObject({
      verdict: 'problem',
      message: 'No open index matches SLUICE_SOURCE_INDEX "closer-*"; closed: closer-1.',
    });
  });

  it('says which part of the pattern lies in another cluster', async () => {
    expect(await found('indices', { index: 'west:closer-*,closer-*', ...indices({}) })).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('west:closer-* lies in another cluster'),
    });
  });

  it('warns when they may not be seen, naming the privilege', async () => {
    expect(await found('indices', { indices: async () => ({ kind: 'hidden', reason: '403' }) })).toMatchObject({
      verdict: 'warning',
      remedy: expect.stringContaining('view_index_metadata'),
    });
  });

  it.each([
    [1000, 'ok', 'Events become visible within 1 s'],
    [30_000, 'ok', 'Events become visible within 30 s'],
    [40_000, 'warning', 'closer-1 refreshes every 40 s: events arrive that much later.'],
    [300_000, 'problem', 'closer-1 refreshes every 300 s, the overlap is 300 s'],
    ['never', 'problem', 'closer-1 never refreshes by itself'],
  ] as const)('refreshed every %s ms: %s', async (refreshMs, verdict, message) => {
    expect(await found('refresh', indices({ refreshMs }))).toMatchObject({
      verdict,
      message: expect.stringContaining(message),
    });
  });

  it('without _source are a problem, rebuilt _source is said', async () => {
    expect(await found('source', indices({ source: 'disabled' }))).toMatchObject({ verdict: 'problem' });
    expect(await found('source', indices({ source: 'synthetic' }))).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('(synthetic)'),
    });
  });
});

describe('the time field', () => {
  it.each([
    [{ date: undefined }, 'ok', '"@timestamp" is date in every index.'],
    [{ date: ['closer-1'], date_nanos: ['closer-2'] }, 'ok', 'put in order to the nanosecond'],
    [{ date: ['closer-1'], unmapped: ['closer-2'] }, 'warning', '"@timestamp" is not mapped in closer-2'],
    [{ date: ['closer-1'], text: ['closer-2'] }, 'problem', '"@timestamp" is text in closer-2'],
    [{ long: undefined }, 'problem', '"@timestamp" is long in every index'],
    [{ unmapped: undefined }, 'problem', '"@timestamp" is in no index of the pattern.'],
  ])('as %o: %s', async (types, verdict, message) => {
    const facts = await found('time-field', timeField(types));
    expect(facts).toMatchObject({ verdict, message: expect.stringContaining(message) });
  });

  it('may be missing while there is no document', async () => {
    const glance = async () => ({ documents: 0, oursMs: 0, tookMs: 0 });
    expect(await found('time-field', { ...timeField({}), glance })).toMatchObject({ verdict: 'ok' });
  });
});

describe('the fields that questions ask for', () => {
  it.each([
    ['user.id', 'long', 'user'],
    ['message.event.action', 'ip', 'action'],
    ['message.http.response.status_code', 'boolean', 'status'],
  ])('%s mapped as %s makes questions by %s read everything', async (name, type, by) => {
    expect(filterFields).toContain(name);
    expect(await found('filter-fields', filterField(name, { [type]: ['closer-1'] }))).toMatchObject({
      verdict: 'warning',
      message: `${name} is ${type} in closer-1: Elasticsearch cannot search by it, so questions by ${by} read every event of their time range. Answers are right all the same.`,
    });
  });

  it('takes a status as a number', async () => {
    const facts = filterField('message.http.response.status_code', { long: undefined, unmapped: ['closer-2'] });
    expect(await found('filter-fields', facts)).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('1 of 6 fields that questions ask for are mapped below message'),
    });
  });

  it('warns when message is a text, so that every question reads everything', async () => {
    expect(await found('filter-fields', filterField('message', { text: undefined }))).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('`message` is a text, so what is in it is not mapped.'),
    });
  });
});

describe('the clock', () => {
  it.each([
    [4000, 'ok'],
    [-4000, 'ok'],
    [6000, 'warning'],
    [-6000, 'warning'],
    [149_000, 'warning'],
    [151_000, 'problem'],
    [-151_000, 'problem'],
  ])('%i ms ahead of the server, with an overlap of 300 s: %s', async (aheadMs, verdict) => {
    expect(await found('clock', clock(aheadMs))).toMatchObject({ verdict });
  });

  it('says which one is ahead, and what helps until they agree', async () => {
    expect(await found('clock', clock(151_000))).toMatchObject({
      message: expect.stringContaining('The clock of this machine is 151.0 s ahead of that of Elasticsearch'),
      remedy: expect.stringContaining('SLUICE_OVERLAP_SECONDS above 302'),
    });
    expect((await found('clock', clock(-6000)))?.message).toContain('6.0 s behind that of Elasticsearch');
  });

  it('does not count the way there and back, nor fractions of a second against no overlap', async () => {
    expect(await found('clock', clock(6000, 4000))).toMatchObject({ verdict: 'ok' });
    expect(await found('clock', clock(900), { overlapMs: 0 })).toMatchObject({ verdict: 'ok' });
    expect(await found('clock', clock(1100), { overlapMs: 0 })).toMatchObject({ verdict: 'problem' });
  });
});

describe('health', () => {
  const health = (status: string, nodes: number, red: readonly string[], yellow: readonly string[]) => ({
    health: async () => ({ kind: 'seen', value: { status, nodes, red, yellow } }) as const,
  });

  it('with a missing shard is a problem: pull stops', async () => {
    expect(await found('health', health('red', 3, ['closer-1'], []))).toMatchObject({
      verdict: 'problem',
      message: expect.stringContaining('A shard of closer-1 is missing. Pull stops until it is back'),
    });
  });

  it('without a copy is a warning, unless there is but one node', async () => {
    expect(await found('health', health('yellow', 3, [], ['closer-1']))).toMatchObject({ verdict: 'warning' });
    expect(await found('health', health('yellow', 1, [], ['closer-1']))).toMatchObject({ verdict: 'ok' });
  });
});

import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../../shared/core/errors.ts';
import { clock, findings, found } from '../../support/diagnosed-elasticsearch.ts';

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

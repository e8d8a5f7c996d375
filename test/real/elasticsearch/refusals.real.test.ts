import { afterAll, beforeAll, expect, it } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import { OperatorMustFix, RetryLater } from '../../../shared/core/errors.ts';
import { beginningOfTime, instantFromMs } from '../../../shared/core/instant.ts';
import { wireTap } from '../../support/wire-tap.ts';
import { describeReal } from '../support/server-url.ts';
import { serverAt } from './server.ts';

/** What a real server says when something is wrong, and what becomes of it. */
describeReal('Elasticsearch refusals', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);
  const run = `refusals-${process.pid}`;
  const name = (kind: string) => `${run}-${kind}`;
  const range = { from: beginningOfTime, to: instantFromMs(Date.UTC(2030, 0, 1)) };
  const kinds = ['date', 'keyword', 'text', 'long', 'closed', 'going', 'narrow'];

  const sourceOf = (index: string) =>
    elasticsearchSource({
      id: run,
      url,
      index,
      timeField: '@timestamp',
      secrets: { get: async () => undefined },
      clock: { nowMs: Date.now, sleep: async () => {} },
    });

  beforeAll(async () => {
    for (const kind of kinds) {
      const type = ['keyword', 'text', 'long'].includes(kind) ? kind : 'date';
      await server.send('PUT', `/${name(kind)}`, {
        mappings: { properties: { '@timestamp': { type } } },
        settings: { number_of_replicas: 0, ...(kind === 'narrow' && { 'index.max_result_window': 5 }) },
      });
    }
    await server.send('POST', `/${name('closed')}/_close`);
    const source = { '@timestamp': '2026-01-01T00:00:00.000+0000' };
    await server.index(
      ['date', 'going', 'narrow'].flatMap((kind) =>
        Array.from({ length: 10 }, (_, n) => ({ index: name(kind), id: String(n), source })),
      ),
    );
  });
  afterAll(async () => {
    for (const kind of kinds) await server.send('DELETE', `/${name(kind)}?ignore_unavailable=true`);
  });

  it.each(['keyword', 'text', 'long'])('refuses a pattern in which one index has the time as %s', async (type) => {
    const preflight = sourceOf(`${name('date')},${name(type)}`).preflight();
    await expect(preflight).rejects.toThrow(`it is ${type} in ${name(type)}.`);
    await expect(preflight).rejects.toThrow(OperatorMustFix);
  });

  it.each(['missing-*', 'missing', 'closed'])('says that nothing matches: %s', async (kind) => {
    const source = sourceOf(name(kind));
    await expect(source.preflight()).rejects.toThrow(`matches SLUICE_SOURCE_INDEX "${name(kind)}"`);
    // 7.17 opens a view over nothing: without a preflight it looks like one that was lost. Either way there is no walk.
    await expect(source.open({ range })).rejects.toThrow(`"${name(kind)}"`);
  });

  it('loses a walk whose index is deleted', async () => {
    const walk = await sourceOf(`${name('date')},${name('going')}`).open({ range });
    expect(walk.count).toBe(20);
    await server.send('DELETE', `/${name('going')}`);
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'lost' });
    await walk.close();
  });

  it('loses a walk whose view was freed', async () => {
    const walk = await sourceOf(name('date')).open({ range });
    await walk.close();
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'lost' });
    await walk.close();
  });

  it('asks for smaller pages than an index allows', async () => {
    const walk = await sourceOf(name('narrow')).open({ range });
    expect(await walk.page(undefined, 6)).toMatchObject({ kind: 'too large' });
    expect(await walk.page(undefined, 5)).toMatchObject({ kind: 'page' });
    await walk.close();
  });

  it('is left to the next run when nobody answers in time', async () => {
    const tap = await wireTap(url);
    tap.obey(() => new Promise(() => {}));
    const hurried = elasticsearchSource({
      id: run,
      url: tap.url,
      index: name('date'),
      timeField: '@timestamp',
      secrets: { get: async () => undefined },
      clock: { nowMs: Date.now, sleep: async () => {} },
      timeouts: { requestMs: 100 },
    });
    const opened = hurried.open({ range });
    await expect(opened).rejects.toThrow(RetryLater);
    await expect(opened).rejects.toThrow('100 ms');
    expect(tap.asked.map(({ method }) => method)).toContain('POST');
  });
});

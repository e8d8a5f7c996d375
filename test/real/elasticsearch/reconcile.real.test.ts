/** Reconcile against a real server: what its aggregation counts is what the walk brings, whatever the mappings and the values. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import { toInstant } from '../../../shared/core/instant.ts';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { backfill } from '../../../shared/flows/backfill.ts';
import { openJournal } from '../../../shared/flows/journal/open-journal.ts';
import { pullSource } from '../../../shared/flows/pull-source.ts';
import { reconcileSource } from '../../../shared/flows/reconcile-source.ts';
import { memoryBlobStore } from '../../fakes/memory-blob-store.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { journaledIds, recordingTelemetry } from '../../support/world.ts';
import { describeReal } from '../support/server-url.ts';
import { serverAt } from './server.ts';

const hourMs = 3_600_000;

describeReal('Reconcile on Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);
  const run = `reconcile-${process.pid}`;
  const indices = {
    millis: `${run}-millis`,
    nanos: `${run}-nanos`,
    unmapped: `${run}-unmapped`,
    closed: `${run}-closed`,
  };
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const ago = (hours: number, ms = 0): string => new Date(now - hours * hourMs + ms).toISOString();

  const clock = { nowMs: () => now, sleep: async () => {} };
  const blobs = memoryBlobStore();
  const { telemetry } = recordingTelemetry();
  const deps = {
    source: elasticsearchSource({
      id: run,
      url,
      index: `${run}-*`,
      timeField: '@timestamp',
      secrets: { get: async () => undefined },
      clock,
    }),
    journal: openJournal({ store: blobs, source: run }),
    records: memoryRecordStore(),
    clock,
    read: hitReader({ timeField: '@timestamp', attribute: () => 'acme' }),
    telemetry,
  };
  const remainingMs = () => Number.POSITIVE_INFINITY;
  const reconcile = (rung: 'day' | 'horizon' = 'day') =>
    reconcileSource(deps, { rung, horizonMs: 24 * hourMs, remainingMs });
  const write = (index: string, docs: Readonly<Record<string, unknown>>) =>
    server.index(
      Object.entries(docs).map(([id, time]) => ({ index, id, source: time === null ? {} : { '@timestamp': time } })),
    );

  beforeAll(async () => {
    const create = (index: string, mappings: object) =>
      server.send('PUT', `/${index}`, { mappings, settings: { number_of_shards: 2, number_of_replicas: 0 } });
    await create(indices.millis, { properties: { '@timestamp': { type: 'date' } } });
    await create(indices.nanos, { properties: { '@timestamp': { type: 'date_nanos' } } });
    await create(indices.unmapped, {});
    await create(indices.closed, {});
    await server.send('POST', `/${indices.closed}/_close`);
    await write(indices.millis, {
      ...Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`m${n}`, ago(20, n * 30_000)])),
      moon: '1969-07-20T20:17:40.000Z',
      far: '2999-01-01T00:00:00.000Z',
      timeless: null,
      two: [ago(9), ago(3)],
    });
    const second = ago(12).slice(0, 19);
    await write(
      indices.nanos,
      Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`n${n}`, `${second}.${String(n).padStart(9, '0')}Z`])),
    );
    await pullSource(deps, { start: { kind: 'beginning' }, overlapMs: 300_000, remainingMs });
  });
  afterAll(() => server.send('DELETE', `/${Object.values(indices).join(',')}`));

  it('finds no difference after a pull, but the second time of a document that has two', async () => {
    expect(await reconcile()).toMatchObject({ result: 'done', recovered: 0, removedAtSource: 0, exceptions: 3 });
    expect(await journaledIds(deps.journal)).toHaveLength(1_804);
  });

  it('brings late events, milliseconds and nanoseconds, ties included, once', async () => {
    await write(indices.millis, { 'late-tie': ago(20, 30_000), 'late-alone': ago(23, 1) });
    await write(indices.nanos, { 'late-nano': `${ago(12).slice(0, 16)}:59.999999999Z` });
    expect(await reconcile()).toMatchObject({ result: 'done', recovered: 3 });
    expect(await reconcile()).toMatchObject({ result: 'done', recovered: 0 });
    const ids = await journaledIds(deps.journal);
    expect(ids).toHaveLength(1_807);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('brings more late events of one minute than ids can be asked for', async () => {
    const minute = ago(15);
    await write(indices.millis, Object.fromEntries(Array.from({ length: 1_300 }, (_, n) => [`flood-${n}`, minute])));
    expect(await reconcile()).toMatchObject({ result: 'done', recovered: 1_300 });
    expect(new Set(await journaledIds(deps.journal)).size).toBe(3_107);
  });

  it('counts what was deleted', async () => {
    await server.send('DELETE', `/${indices.millis}/_doc/m7?refresh=true`);
    expect(await reconcile()).toMatchObject({ removedAtSource: 1, recovered: 0 });
  });

  it('counts what is later than the horizon, and a backfill brings it', async () => {
    await write(indices.nanos, { 'too-late': ago(24 * 20) });
    expect(await reconcile('horizon')).toMatchObject({ lateMissed: 1, recovered: 0 });
    const range = { from: toInstant(ago(24 * 25)), to: toInstant(ago(24)) };
    if (!range.from || !range.to) throw new Error('instants');
    expect(await backfill(deps, { from: range.from, to: range.to, remainingMs })).toMatchObject({
      result: 'done',
      recovered: 1,
    });
    expect(await reconcile('horizon')).toMatchObject({ lateMissed: 0 });
  });
});

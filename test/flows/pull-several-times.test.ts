import { expect, it } from 'vitest';
import { toInstant } from '../../shared/core/instant.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { segmentDraft } from '../../shared/core/segment-draft.ts';
import { attributeNone } from '../../shared/core/tenants.ts';
import { verifyJournal } from '../../shared/flows/verify-journal.ts';
import type { Source } from '../../shared/ports/source.ts';
import { memoryScratch } from '../mutations/verified.ts';
import { aWorld } from '../support/world.ts';

const recent = '2026-03-01T11:59:00.000Z';
const old = '2020-01-01T00:00:00.000Z';

/** As Elasticsearch: the range finds an event by any of its times, and it is sorted by the first of them. */
const findsByAnyTime =
  (openedAtMs: () => number): Source['open'] =>
  async ({ range, side }) => {
    const isInside = side !== 'outside' && range.from <= recent && recent <= range.to;
    const hits = isInside
      ? [{ _index: 'closer', _id: 'two-times', _source: { '@timestamp': [recent, old] }, sort: [old] }]
      : [];
    return {
      openedAtMs: openedAtMs(),
      count: hits.length,
      page: async () => ({ kind: 'page', hits, next: undefined, bytes: 100 }),
      countBefore: async () => 0,
      close: async () => {},
    };
  };

it.each([
  ['the beginning', { kind: 'beginning' }],
  ['yesterday', { kind: 'at', instant: '2026-02-28T12:00:00Z' }],
] as const)(
  'journals an event of two times once, and the journal is whole, when pull began at %s',
  async (_, start) => {
    const world = aWorld({ read: hitReader({ timeField: '@timestamp', attribute: attributeNone }) });
    const open = findsByAnyTime(world.clock.nowMs);
    for (let run = 0; run < 12; run++) {
      await world.pull({ start }, { open });
      world.clock.advance(60_000);
    }
    expect(await world.journaled()).toEqual(['closer/two-times']);
    const verdict = await verifyJournal({
      store: world.blobs,
      source: 'closer',
      retentionMs: 30 * 86_400_000,
      clock: world.clock,
      scratch: memoryScratch(),
      keys: { keys: [] },
    });
    expect(verdict.break).toBeUndefined();
  },
);

it('counts such an event in the minute that it is sorted by, and as late as it may be in maxTime', () => {
  const time = toInstant(old);
  const upTo = toInstant(recent);
  const draft = segmentDraft();
  draft.add({ key: 'k', tenant: 'acme', event: {}, time }, upTo);
  expect(draft).toMatchObject({ minTime: time, maxTime: upTo, minutes: { '2020-01-01T00:00': 1 } });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { aBusyDay, type BusyDay, compareDay } from '../support/busy-day.ts';

/** A tenth of 1 000 events a second, in a tenth of the segments: `test/bench/reconcile.bench.ts` measures the whole. */
const tenth = { rate: 100, segmentEvents: 4_320 };

describe('reconcile of 24 h', () => {
  let day: BusyDay;
  beforeAll(async () => {
    day = await aBusyDay(tenth);
  });

  it('costs one aggregation and at most 2 MB of manifests when nothing was ever summed, and next to nothing after that', async () => {
    const first = await compareDay(day, 'day');
    expect(first.line).toMatchObject({ result: 'done', differing: 0, removedAtSource: 0, minutes: 1440 });
    expect(first).toMatchObject({ aggregations: 1, otherBlobs: 0 });
    expect(first.manifests).toBeLessThan(2_050);
    expect(first.bytes).toBeLessThan(2_000_000);

    for (const rung of ['hour', 'day'] as const) {
      const again = await compareDay(day, rung);
      expect(again.line).toMatchObject({ result: 'done', differing: 0, removedAtSource: 0 });
      expect(again.aggregations).toBe(1);
      expect(again.bytes).toBeLessThan(10_000);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advancedWatermark } from '../../shared/core/checkpoint.ts';
import { type Instant, instantFromMs } from '../../shared/core/instant.ts';

const at = (ms: number): Instant => instantFromMs(ms);
const openedAtMs = 10_000_000;
const overlapMs = 300_000;
const to = at(openedAtMs + 300_000);

describe('the watermark', () => {
  it('stands where the view was opened, less the overlap, once a walk has ended', () => {
    const moved = advancedWatermark(at(0), { openedAtMs, to, overlapMs, lastTime: at(5), ended: 'ended' });
    expect(moved).toBe(at(openedAtMs - overlapMs));
  });

  it('stands at the end of the range that was walked, however much later its view was opened anew', () => {
    const long = { openedAtMs: openedAtMs + 3_600_000, to, overlapMs, lastTime: at(5) };
    expect(advancedWatermark(at(0), { ...long, ended: 'ended' })).toBe(to);
  });

  it('follows the last event while a walk goes on', () => {
    const walk = { openedAtMs, to, overlapMs, ended: 'going on' } as const;
    expect(advancedWatermark(at(0), { ...walk, lastTime: at(1_234) })).toBe(at(1_234));
    expect(advancedWatermark(at(7), { ...walk, lastTime: undefined })).toBe(at(7));
  });

  it('never stands within a millisecond: an index of milliseconds gives the whole of it again, and its keys must be known', () => {
    const lastTime = '1970-01-01T00:00:01.234567891Z' as Instant;
    expect(advancedWatermark(at(0), { openedAtMs, to, overlapMs, lastTime, ended: 'going on' })).toBe(at(1_234));
  });

  it('never enters the time in which events may still become visible, and never goes back', () => {
    const times = fc.nat(20_000_000);
    const walks = fc.record({
      openedAtMs: times,
      to: times.map(at),
      overlapMs: fc.nat(1_000_000),
      lastTime: fc.option(times.map(at), { nil: undefined }),
      ended: fc.constantFrom('ended' as const, 'going on' as const),
    });
    fc.assert(
      fc.property(times, walks, (before, walk) => {
        fc.pre(walk.openedAtMs >= walk.overlapMs);
        const moved = advancedWatermark(at(before), walk);
        expect(moved >= at(before)).toBe(true);
        expect(moved === at(before) || moved <= at(walk.openedAtMs - walk.overlapMs)).toBe(true);
        expect(moved === at(before) || moved <= walk.to).toBe(true);
      }),
    );
  });
});

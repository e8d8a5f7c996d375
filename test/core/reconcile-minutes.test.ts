import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantFromMs, toInstant } from '../../shared/core/instant.ts';
import {
  daysOf,
  differencesIn,
  firstMinuteFrom,
  type HeldMinutes,
  instantsOf,
  minuteText,
  stretchesOf,
} from '../../shared/core/reconcile-minutes.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const minute = (n: number): string => minuteText(noon + n * 60_000);
const range = { fromMs: noon, toMs: noon + 600 * 60_000 };

const holding = (
  held: Readonly<Record<string, number>>,
  surplus: Readonly<Record<string, number>> = {},
): HeldMinutes => ({
  held: (at) => held[at] ?? 0,
  surplus: (at) => surplus[at] ?? 0,
  minutesIn: () => Object.keys(held),
});

describe('whole minutes', () => {
  it('begin at an instant, or after it', () => {
    const from = (text: string) => firstMinuteFrom(toInstant(text) ?? instantFromMs(0));
    expect(from('2026-03-01T12:00:00Z')).toBe(noon);
    expect(from('2026-03-01T12:00:00.000000001Z')).toBe(noon + 60_000);
    expect(from('2026-03-01T11:59:59.999999999Z')).toBe(noon);
  });

  it('end with their last nanosecond', () => {
    expect(instantsOf({ fromMs: noon, toMs: noon + 120_000 })).toEqual({
      from: '2026-03-01T12:00:00.000000000Z',
      to: '2026-03-01T12:01:59.999999999Z',
    });
  });

  it('lie in the days that they touch', () => {
    expect(daysOf({ fromMs: noon, toMs: noon + 36 * 3_600_000 })).toEqual(['2026-03-01', '2026-03-02']);
    expect(daysOf({ fromMs: noon, toMs: noon })).toEqual([]);
  });
});

describe('differences', () => {
  it('are none where both count the same', () => {
    const counts = { [minute(0)]: 3, [minute(5)]: 1 };
    const none = { more: [], missing: 0, removed: 0 };
    expect(differencesIn(range, new Map(Object.entries(counts)), holding(counts))).toEqual(none);
  });

  it('name each minute in which the source holds more, and by how much', () => {
    const source = new Map([
      [minute(7), 2],
      [minute(1), 5],
    ]);
    const { more, missing } = differencesIn(range, source, holding({ [minute(1)]: 3 }));
    expect(more).toEqual([
      { minute: minute(1), source: 5, held: 3 },
      { minute: minute(7), source: 2, held: 0 },
    ]);
    expect(missing).toBe(4);
  });

  it('count what the source no longer holds, also where it holds nothing at all', () => {
    const journal = holding({ [minute(1)]: 3, [minute(2)]: 4 });
    expect(differencesIn(range, new Map([[minute(1), 1]]), journal)).toEqual({ more: [], missing: 0, removed: 6 });
  });

  it('leave out what was found to be documents that are held already, until there are more of them', () => {
    const journal = holding({ [minute(1)]: 3 }, { [minute(1)]: 2 });
    expect(differencesIn(range, new Map([[minute(1), 5]]), journal).more).toEqual([]);
    expect(differencesIn(range, new Map([[minute(1), 6]]), journal).more).toHaveLength(1);
  });

  it('are looked into again where such documents are gone, since late ones may stand in their place', () => {
    const journal = holding({ [minute(1)]: 3 }, { [minute(1)]: 2 });
    expect(differencesIn(range, new Map([[minute(1), 4]]), journal)).toMatchObject({
      more: [{ source: 4 }],
      missing: 0,
    });
    expect(differencesIn(range, new Map([[minute(1), 5]]), journal, 'explained too').more).toHaveLength(1);
  });
});

describe('stretches', () => {
  it('hold every differing minute once, in order, each within an hour and 100 000 events or alone', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(300), { maxLength: 150 }),
        fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 20 }),
        (places, sizes) => {
          const differences = places
            .sort((a, b) => a - b)
            .map((at, n) => ({ minute: minute(at), source: sizes[n % sizes.length] ?? 1, held: 0 }));
          const stretches = stretchesOf(differences);
          expect(stretches.flatMap(({ minutes }) => minutes)).toEqual(differences);
          for (const { fromMs, toMs, minutes } of stretches) {
            expect(toMs - fromMs).toBe(minutes.length * 60_000);
            expect(minutes.length).toBeLessThanOrEqual(60);
            expect(minutes.length === 1 || minutes.reduce((sum, { source }) => sum + source, 0) <= 100_000).toBe(true);
          }
        },
      ),
    );
  });
});

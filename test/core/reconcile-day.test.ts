import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toInstant } from '../../shared/core/instant.ts';
import { type DayRecord, dayOf, readDayRecord } from '../../shared/core/reconcile-day.ts';
import { type Manifest, noHash } from '../../shared/core/segment.ts';

const nothing = { upTo: { seq: 0, hash: noHash } };

const aManifest = (seq: number, minutes: Readonly<Record<string, number>>, parts: Partial<Manifest> = {}): Manifest => {
  const begin = toInstant('2026-01-01T00:00:00Z');
  if (!begin) throw new Error('an instant');
  return {
    source: 'closer',
    seq,
    kind: 'scan',
    committedAt: '2026-03-01T12:00:00.000Z',
    count: Object.values(minutes).reduce((sum, count) => sum + count, 0),
    minTime: null,
    maxTime: null,
    maxTimeSoFar: null,
    begin,
    watermark: begin,
    keys: { offset: 0, length: 0, count: 0 },
    tenants: {},
    minutes,
    object: '',
    sha256: '',
    previous: noHash,
    hash: `hash-${seq}`,
    ...parts,
  };
};

describe('a day of the journal', () => {
  it('sums the manifests that follow each other, its own minutes alone', () => {
    const day = dayOf('2026-03-01', nothing);
    day.add(aManifest(1, { '2026-02-28T23:59': 7, '2026-03-01T00:00': 2 }));
    day.add(aManifest(2, { '2026-03-01T00:00': 3, '2026-03-01T11:07': 1 }, { kind: 'late' }));
    expect([...day.minutes()].map((minute) => [minute, day.held(minute)])).toEqual([
      ['2026-03-01T00:00', 5],
      ['2026-03-01T11:07', 1],
    ]);
    expect(day.upTo()).toEqual({ seq: 2, hash: 'hash-2' });
  });

  it('refuses a gap', () => {
    expect(() => dayOf('2026-03-01', nothing).add(aManifest(2, {}))).toThrow('segment 2 does not follow 0');
  });

  it('goes on from its record as if it had never been stored', () => {
    const day = dayOf('2026-03-01', nothing);
    day.add(aManifest(1, { '2026-03-01T00:00': 2 }));
    day.explain('2026-03-01T00:00', 4);
    const record: unknown = JSON.parse(JSON.stringify(day.record()));
    const again = dayOf('2026-03-01', readDayRecord(record) ?? nothing);
    again.add(aManifest(2, { '2026-03-01T00:00': 1 }));
    expect(again.held('2026-03-01T00:00')).toBe(3);
    expect(again.surplus('2026-03-01T00:00')).toBe(4);
    expect(again.segmentsAround('2026-03-01T00:30')).toEqual([[1, 2]]);
  });

  it('counts an event dated ahead when its minute comes, and none whose time only our reader could read', () => {
    const day = dayOf('2026-03-01', nothing);
    day.add(aManifest(1, { '2026-03-01T13:00': 1, '2026-03-01T11:00': 5 }, { kind: 'exception' }));
    expect(day.held('2026-03-01T13:00')).toBe(1);
    expect(day.held('2026-03-01T11:00')).toBe(0);
    expect(day.segmentsAround('2026-03-01T11:00')).toEqual([[1, 1]]);
  });

  it('knows every segment that names an hour, however they lie, in a bounded number of spans', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 2_000 }), (names) => {
        const day = dayOf('2026-03-01', nothing);
        for (const [n, isNamed] of names.entries())
          day.add(aManifest(n + 1, isNamed ? { '2026-03-01T05:09': 1 } : { '2026-03-02T05:09': 1 }));
        const spans = day.segmentsAround('2026-03-01T05:09');
        expect(spans.length).toBeLessThanOrEqual(24);
        for (const [n, isNamed] of names.entries())
          if (isNamed) expect(spans.some(([first, last]) => first <= n + 1 && n + 1 <= last)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('fits into a record at 1 000 events a second', () => {
    const day = dayOf('2026-03-01', nothing);
    for (let n = 0; n < 20_000; n += 1) {
      const at = new Date(Date.UTC(2026, 2, 1) + Math.floor(n * 4.32) * 1000).toISOString().slice(0, 16);
      day.add(aManifest(n + 1, { [at]: 4_320 }));
    }
    expect(JSON.stringify(day.record()).length).toBeLessThan(35_000);
  });
});

describe('a stored day', () => {
  const whole: DayRecord = {
    upTo: { seq: 1, hash: 'a' },
    minutes: { '00:00': 1 },
    surplus: {},
    segments: { '00': [[1, 1]] },
  };

  it('is read when it is whole', () => {
    expect(readDayRecord(whole)).toEqual(whole);
  });

  it.each([
    undefined,
    null,
    7,
    { ...whole, minutes: { '00:00': 'one' } },
    { ...whole, upTo: 3 },
    { ...whole, segments: { '00': [[1]] } },
    { ...whole, segments: [] },
  ])('is summed anew when it is %j', (value) => {
    expect(readDayRecord(value)).toBeUndefined();
  });
});

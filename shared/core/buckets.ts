/** Counts of events over time. The intervals grow with the range, so that there are at most `most` of them. */
import { type Instant, instantFromMs, msOf } from './instant.ts';

/** Seconds; each divides the next, so that finer counts add up to coarser ones. The last is a week. */
export const intervalsSeconds = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 43_200, 86_400, 604_800] as const;

export interface Bucket {
  /** Its first instant, ISO 8601 to the second, in UTC; intervals of a day begin at midnight, those of a week on a Thursday as epoch weeks do. */
  readonly from: string;
  readonly count: number;
  /** Counts by value, if a field was asked for; an event counts once for each of its values. */
  readonly values?: Readonly<Record<string, number>>;
}

export interface Buckets {
  add(time: Instant, values?: readonly string[]): void;
  readonly intervalSeconds: number;
  /** UTF-8 bytes of all values with their counts, as JSON: each value once for every bucket that it is in. */
  readonly valueBytes: number;
  /** In order of time, without the empty ones. */
  all(): readonly Bucket[];
}

interface Count {
  count: number;
  readonly values: Map<string, number>;
}

/** @param intervalSeconds if it is given, the intervals do not grow: `add` may then make more than `most`, and `full` says so */
export const buckets = (options: {
  readonly most: number;
  readonly intervalSeconds?: number;
}): Buckets & { readonly full: () => boolean } => {
  let step = options.intervalSeconds ?? intervalsSeconds[0];
  let counts = new Map<number, Count>();
  let valueBytes = 0;

  const addValue = ({ values }: Count, value: string, times: number): void => {
    const before = values.get(value);
    if (before === undefined) valueBytes += Buffer.byteLength(JSON.stringify(value)) + bytesOfCount;
    values.set(value, (before ?? 0) + times);
  };

  const at = (second: number): Count => {
    const start = second - (second % step);
    const found = counts.get(start);
    if (found) return found;
    const made: Count = { count: 0, values: new Map() };
    counts.set(start, made);
    return made;
  };

  const coarser = (): void => {
    const finer = counts;
    step = intervalsSeconds.find((each) => each > step) ?? step * 4;
    counts = new Map();
    valueBytes = 0;
    for (const [start, { count, values }] of finer) {
      const into = at(start);
      into.count += count;
      for (const [value, times] of values) addValue(into, value, times);
    }
  };

  return {
    add: (time, values = []) => {
      const into = at(Math.floor(msOf(time) / 1_000));
      into.count += 1;
      for (const value of values) addValue(into, value, 1);
      while (options.intervalSeconds === undefined && counts.size > options.most) coarser();
    },
    get intervalSeconds() {
      return step;
    },
    get valueBytes() {
      return valueBytes;
    },
    full: () => counts.size > options.most,
    all: () =>
      [...counts]
        .sort(([a], [b]) => a - b)
        .map(([start, { count, values }]) => ({
          from: `${instantFromMs(start * 1_000).slice(0, 19)}Z`,
          count,
          ...(values.size > 0 && { values: Object.fromEntries([...values].sort(byCount)) }),
        })),
  };
};

/** A colon, six digits and a comma. */
const bytesOfCount = 8;

/** The most frequent first; equal ones by name, so that equal questions have equal answers. */
export const byCount = ([a, times]: readonly [string, number], [b, others]: readonly [string, number]): number =>
  others - times || (a < b ? -1 : 1);

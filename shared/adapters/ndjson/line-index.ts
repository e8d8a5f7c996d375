import type { Instant } from '../../core/instant.ts';

/** Where the lines of one file stand and when their events were: 24 bytes a line. */
export interface LineIndex {
  readonly length: number;
  /** @param time `undefined` when the line has none that can be read */
  push(line: { readonly offset: number; readonly bytes: number; readonly time: Instant | undefined }): void;
  /** Forgets the lines from `length` on. */
  truncate(length: number): void;
  offset(line: number): number;
  bytes(line: number): number;
  hasTime(line: number): boolean;
  /** Negative, zero or positive if the time of `line` lies before, at or after `another`; both must have a time. */
  compare(line: number, other: LineTime): number;
  time(line: number): LineTime;
}

/** Epoch milliseconds, and nanoseconds within the millisecond: together exact, which one double would not be. */
export interface LineTime {
  readonly ms: number;
  readonly nanos: number;
}

export const lineTime = (instant: Instant): LineTime => ({
  ms: Date.parse(`${instant.slice(0, 23)}Z`),
  nanos: Number(instant.slice(23, 29)),
});

export const lineIndex = (): LineIndex => {
  let length = 0;
  let offsets = new Float64Array(1024);
  let lengths = new Uint32Array(1024);
  let ms = new Float64Array(1024);
  let nanos = new Uint32Array(1024);

  const grow = () => {
    offsets = grown(offsets, new Float64Array(length * 2));
    lengths = grown(lengths, new Uint32Array(length * 2));
    ms = grown(ms, new Float64Array(length * 2));
    nanos = grown(nanos, new Uint32Array(length * 2));
  };

  return {
    get length() {
      return length;
    },
    push: ({ offset, bytes, time }) => {
      if (length === offsets.length) grow();
      const when = time === undefined ? { ms: Number.NaN, nanos: 0 } : lineTime(time);
      offsets[length] = offset;
      lengths[length] = bytes;
      ms[length] = when.ms;
      nanos[length] = when.nanos;
      length += 1;
    },
    truncate: (to) => {
      length = Math.min(length, to);
    },
    offset: (line) => offsets[line] ?? 0,
    bytes: (line) => lengths[line] ?? 0,
    hasTime: (line) => !Number.isNaN(ms[line] ?? Number.NaN),
    compare: (line, other) => (ms[line] ?? 0) - other.ms || (nanos[line] ?? 0) - other.nanos,
    time: (line) => ({ ms: ms[line] ?? 0, nanos: nanos[line] ?? 0 }),
  };
};

const grown = <Numbers extends Float64Array | Uint32Array>(from: Numbers, to: Numbers): Numbers => {
  to.set(from);
  return to;
};

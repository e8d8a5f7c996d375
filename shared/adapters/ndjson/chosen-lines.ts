import { beginningOfTime, earliest, endOfTime, latest } from '../../core/instant.ts';
import type { WalkRequest } from '../../ports/source.ts';
import { type LineTime, lineTime } from './line-index.ts';
import type { ReadFile } from './log-catalogue.ts';

/** The lines of a walk in its order, 10 bytes each. */
export interface Chosen {
  readonly length: number;
  /** Which of the files holds the line at this place of the walk. */
  file(at: number): number;
  /** Its number in that file. */
  line(at: number): number;
  countBefore(time: LineTime): number;
}

/**
 * The lines whose time lies in the closed range, by time and, if times are equal, in the order of the log; or all other lines, in the order
 * of the log.
 */
export const chosenLines = (
  files: readonly ReadFile[],
  { range, side = 'inside', order = 'asc' }: WalkRequest,
): Chosen => {
  const from = lineTime(latest(range.from, beginningOfTime));
  const to = lineTime(earliest(range.to, endOfTime));
  const total = files.reduce((sum, { length }) => sum + length, 0);
  const fileOf = new Uint16Array(total);
  const lineOf = new Uint32Array(total);
  let length = 0;
  for (const [number, { index, length: lines }] of files.entries()) {
    for (let line = 0; line < lines; line += 1) {
      const isInside = index.hasTime(line) && index.compare(line, from) >= 0 && index.compare(line, to) <= 0;
      if (isInside !== (side === 'inside')) continue;
      fileOf[length] = number;
      lineOf[length] = line;
      length += 1;
    }
  }

  const compareTo = (at: number, time: LineTime): number =>
    files[fileOf[at] ?? 0]?.index.compare(lineOf[at] ?? 0, time) ?? 0;
  const timeOf = (at: number): LineTime => files[fileOf[at] ?? 0]?.index.time(lineOf[at] ?? 0) ?? { ms: 0, nanos: 0 };

  const ranks = new Uint32Array(length);
  for (let at = 0; at < length; at += 1) ranks[at] = at;
  if (side === 'inside' && !isSorted(length, (at) => compareTo(at, timeOf(at + 1))))
    ranks.sort((a, b) => compareTo(a, timeOf(b)) || a - b);
  if (order === 'desc') ranks.reverse();

  return {
    length,
    file: (at) => fileOf[ranks[at] ?? 0] ?? 0,
    line: (at) => lineOf[ranks[at] ?? 0] ?? 0,
    countBefore: (time) => {
      let count = 0;
      for (let at = 0; at < length; at += 1) if (compareTo(at, time) < 0) count += 1;
      return count;
    },
  };
};

/** Most logs are in order already, and then need no sorting. */
const isSorted = (length: number, compareToNext: (at: number) => number): boolean => {
  for (let at = 0; at + 1 < length; at += 1) if (compareToNext(at) > 0) return false;
  return true;
};

import { beginningOfTime, earliest, endOfTime, latest } from '../../core/instant.ts';
import type { WalkRequest } from '../../ports/source.ts';
import { lineTime } from './line-index.ts';
import type { ReadFile } from './log-catalogue.ts';

const minuteMs = 60_000;

/** Lines by the minute of their time, from the index alone: no line is read. */
export const countMinutes = (files: readonly ReadFile[], range: WalkRequest['range']): ReadonlyMap<string, number> => {
  const from = lineTime(latest(range.from, beginningOfTime));
  const to = lineTime(earliest(range.to, endOfTime));
  const counts = new Map<number, number>();
  for (const { index, length } of files)
    for (let line = 0; line < length; line += 1) {
      if (!index.hasTime(line) || index.compare(line, from) < 0 || index.compare(line, to) > 0) continue;
      const minute = Math.floor(index.time(line).ms / minuteMs);
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
    }
  return new Map([...counts].map(([minute, count]) => [new Date(minute * minuteMs).toISOString().slice(0, 16), count]));
};

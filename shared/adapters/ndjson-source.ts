import { OperatorMustFix } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Source } from '../ports/source.ts';
import { countMinutes } from './ndjson/count-minutes.ts';
import { findLine } from './ndjson/find-line.ts';
import { logCatalogue, type ReadFile } from './ndjson/log-catalogue.ts';
import { openLogWalk } from './ndjson/log-walk.ts';

export interface NdjsonSourceOptions {
  readonly id: string;
  /** A file, or a folder whose `*.ndjson` and `*.jsonl` files are the log. */
  readonly path: string;
  readonly timeField: string;
  readonly clock: Clock;
  /** Bound of one page and of one line; a longer line becomes an event without content. Default: 32 MiB. */
  readonly maxPageBytes?: number;
}

/**
 * A log of one JSON object per line: Elasticsearch hits (`_index`, `_id`, `_source`) or bare documents. Lines may be appended while it is
 * read; a last line that is still being written waits for its end. A line that cannot be read is an event without content, outside of every
 * range. Memory: 24 bytes for a line of the log, 10 for one in an open walk, and the page that is read.
 */
export const ndjsonSource = (options: NdjsonSourceOptions): Source => {
  const { id, path, timeField, clock, maxPageBytes = 32 * 1024 * 1024 } = options;
  const catalogue = logCatalogue(path, timeField, maxPageBytes);
  return {
    id,
    preflight: async () => {
      const files = await catalogue.read();
      const lines = files.reduce((sum, { length }) => sum + length, 0);
      const timed = files.some(({ index, length }) => {
        for (let line = 0; line < length; line += 1) if (index.hasTime(line)) return true;
        return false;
      });
      if (lines > 0 && !timed)
        throw new OperatorMustFix(
          `None of the ${lines} lines of SLUICE_SOURCE_URL "file:${path}" is a JSON object with a time in its field "${timeField}". ` +
            'Name the field in SLUICE_SOURCE_TIME_FIELD, or check that this is a log of one JSON object per line.',
        );
      return {
        description: files.length === 1 ? 'NDJSON file' : `${files.length} NDJSON files`,
        indices: files.map(({ name }) => name),
      };
    },
    open: async (request) => {
      const files = await catalogue.read();
      const openedAtMs = newestMs(files, clock.nowMs());
      return openLogWalk(files, request, { openedAtMs, timeField, maxPageBytes });
    },
    find: async (eventId) => findLine(await catalogue.read(), eventId, { timeField, maxLineBytes: maxPageBytes }),
    countPerMinute: async (range) => countMinutes(await catalogue.read(), range),
  };
};

/**
 * The time by the log's own clock: that of its newest event, unless that is later than our clock. By our clock the watermark would run
 * ahead of the log: lines appended later, such as the file of the next day copied in a week late, would lie behind it.
 */
const newestMs = (files: readonly ReadFile[], nowMs: number): number => {
  let newest = 0;
  for (const { index, length } of files)
    for (let line = 0; line < length; line += 1) {
      const ms = index.hasTime(line) ? index.time(line).ms : 0;
      if (ms > newest && ms <= nowMs) newest = ms;
    }
  return newest;
};

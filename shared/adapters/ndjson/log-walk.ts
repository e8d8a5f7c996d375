import type { Hit } from '../../core/event.ts';
import type { PageResult, Walk, WalkRequest } from '../../ports/source.ts';
import { chosenLines } from './chosen-lines.ts';
import { lineHit, tooLongHit } from './line-hit.ts';
import { lineTime } from './line-index.ts';
import type { ReadFile } from './log-catalogue.ts';
import { withFile } from './log-files.ts';
import { readSpans } from './read-spans.ts';

export interface LogWalkSettings {
  readonly openedAtMs: number;
  readonly timeField: string;
  readonly maxPageBytes: number;
}

/** One line of a page: its place in the walk, and where it stands. */
interface Place {
  readonly at: number;
  readonly file: ReadFile;
  readonly line: number;
  readonly offset: number;
  readonly bytes: number;
}

/** A walk over the lines that the files had when it was opened. Nothing is held open between pages. */
export const openLogWalk = (files: readonly ReadFile[], request: WalkRequest, settings: LogWalkSettings): Walk => {
  const chosen = chosenLines(files, request);

  const placesOf = (from: number, to: number): readonly Place[] =>
    Array.from({ length: to - from }, (_, n) => from + n).flatMap((at) => {
      const file = files[chosen.file(at)];
      const line = chosen.line(at);
      return file ? [{ at, file, line, offset: file.index.offset(line), bytes: file.index.bytes(line) }] : [];
    });

  const page = async (from: number, limit: number): Promise<PageResult> => {
    const to = Math.min(from + limit, chosen.length);
    const places = placesOf(from, to);
    const bytes = places.reduce((sum, place) => sum + place.bytes, 0);
    if (bytes > settings.maxPageBytes && limit > 1)
      return {
        kind: 'too large',
        isTooLong: true,
        reason: `${places.length} lines hold ${bytes} bytes, the bound is ${settings.maxPageBytes}`,
      };

    const hits = new Map<number, Hit>();
    for (const [file, ofFile] of Map.groupBy(places, (place) => place.file)) {
      const found = await hitsAt(file, ofFile, settings);
      if (found === 'changed') return { kind: 'lost', reason: `${file.name} was rewritten while it was walked` };
      for (const [at, hit] of found) hits.set(at, request.side === 'outside' ? withoutSort(hit) : hit);
    }
    const inOrder = places.flatMap(({ at }) => hits.get(at) ?? []);
    return { kind: 'page', hits: inOrder, next: to < chosen.length ? [to] : undefined, bytes };
  };

  return {
    openedAtMs: settings.openedAtMs,
    count: chosen.length,
    countBefore: async (time) => chosen.countBefore(lineTime(time)),
    page: (after, limit) => page(after === undefined ? 0 : Number(after[0]), limit),
    close: async () => {},
  };
};

/** The hits of some lines of one file, by place; `changed` if the lines are no longer the same as when the walk was opened. */
const hitsAt = async (
  file: ReadFile,
  places: readonly Place[],
  { timeField, maxPageBytes }: LogWalkSettings,
): Promise<readonly (readonly [number, Hit])[] | 'changed'> => {
  const [short, long] = [
    places.filter(({ bytes }) => bytes <= maxPageBytes),
    places.filter(({ bytes }) => bytes > maxPageBytes),
  ];
  const texts = await withFile(file.path, (handle) => readSpans(handle, short));
  if (texts === undefined) return 'changed';

  const hits: (readonly [number, Hit])[] = long.map(({ at, offset, bytes }) => [
    at,
    tooLongHit(file.name, offset, bytes),
  ]);
  for (const [n, { at, line, offset }] of short.entries()) {
    const { hit, time } = lineHit(texts[n] ?? Buffer.alloc(0), { file: file.name, offset }, timeField);
    const { index } = file;
    const isSame =
      time === undefined ? !index.hasTime(line) : index.hasTime(line) && index.compare(line, lineTime(time)) === 0;
    if (!isSame) return 'changed';
    hits.push([at, time === undefined ? hit : { ...hit, sort: [time, at] }]);
  }
  return hits;
};

const withoutSort = ({ sort: _, ...hit }: Hit): Hit => hit;

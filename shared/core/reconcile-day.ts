/**
 * What the journal holds of one day, minute by minute, and in which segments: sums of manifests, stored so that a day's manifests are read
 * only once. If a record is missing or unreadable, its sums are made anew.
 */
import { minuteOf, toInstant } from './instant.ts';
import { isSegmentPlace, type SegmentPlace } from './reconcile.ts';
import type { Manifest } from './segment.ts';

/** As it is stored, at most some 35 KB. */
export interface DayRecord {
  /** All segments up to this one are summed. */
  readonly upTo: SegmentPlace;
  /** Events by `HH:mm`, without those that the source does not count in any minute, because it has no time for them. */
  readonly minutes: Readonly<Record<string, number>>;
  /** By `HH:mm`: how many more events the source counts although the journal holds all of them. */
  readonly surplus: Readonly<Record<string, number>>;
  /** By `HH`: first and last of the segments that hold events of this hour; some between them may hold none. */
  readonly segments: Readonly<Record<string, readonly Span[]>>;
}

export type Span = readonly [first: number, last: number];

export interface Day {
  readonly name: string;
  readonly upTo: () => SegmentPlace;
  /** @param minute `YYYY-MM-DDTHH:mm` */
  readonly held: (minute: string) => number;
  readonly surplus: (minute: string) => number;
  readonly minutes: () => Iterable<string>;
  /** Segments that may hold events of this minute. */
  readonly segmentsAround: (minute: string) => readonly Span[];
  /** Adds the segment after `upTo`. */
  readonly add: (manifest: Manifest) => void;
  /** Adds a segment from before the summed ones, which holds exceptions dated ahead to this day. */
  readonly addEarlier: (manifest: Manifest) => void;
  readonly explain: (minute: string, surplus: number) => void;
  readonly record: () => DayRecord;
  /** How many manifests would have to be read again if the day were not stored now; an explained surplus counts as `worthStoring`. */
  readonly unstored: () => number;
  /** Call it when the day was stored. */
  readonly stored: () => void;
}

export const minutesPartition = (source: string): string => `minutes/${source}`;

/** Spans this close to each other are joined; the segments between them are then read in vain. */
const closeEnough = 8;
const mostSpans = 24;

/** @param from the record to go on from, or the place to begin after */
export const dayOf = (name: string, from: DayRecord | { readonly upTo: SegmentPlace }): Day => {
  const known = 'minutes' in from ? from : undefined;
  const minutes = new Map(Object.entries(known?.minutes ?? {}));
  const surplus = new Map(Object.entries(known?.surplus ?? {}));
  const segments = new Map(Object.entries(known?.segments ?? {}).map(([hour, spans]) => [hour, [...spans]]));
  let { upTo } = from;
  let unstored = 0;
  const timeOf = (minute: string): string => minute.slice(11);

  const count = (manifest: Manifest): void => {
    for (const [minute, events] of Object.entries(manifest.minutes)) {
      if (!minute.startsWith(name)) continue;
      const time = timeOf(minute);
      if (isCountedBySource(manifest, minute)) minutes.set(time, (minutes.get(time) ?? 0) + events);
      const hour = time.slice(0, 2);
      segments.set(hour, withSegment(segments.get(hour) ?? [], manifest.seq));
    }
  };

  return {
    name,
    upTo: () => upTo,
    held: (minute) => minutes.get(timeOf(minute)) ?? 0,
    surplus: (minute) => surplus.get(timeOf(minute)) ?? 0,
    minutes: () => [...minutes.keys()].map((time) => `${name}T${time}`),
    segmentsAround: (minute) => segments.get(minute.slice(11, 13)) ?? [],
    add: (manifest) => {
      if (manifest.seq !== upTo.seq + 1) throw new Error(`segment ${manifest.seq} does not follow ${upTo.seq}`);
      count(manifest);
      upTo = { seq: manifest.seq, hash: manifest.hash };
      unstored += 1;
    },
    addEarlier: count,
    explain: (minute, more) => {
      surplus.set(timeOf(minute), more);
      unstored += worthStoring;
    },
    record: () => ({
      upTo,
      minutes: Object.fromEntries(minutes),
      surplus: Object.fromEntries(surplus),
      segments: Object.fromEntries(segments),
    }),
    unstored: () => unstored,
    stored: () => {
      unstored = 0;
    },
  };
};

/** The record is written once this many manifests were added; fewer are read again by the next run. */
export const worthStoring = 64;

/**
 * Whether the source counts the segment's events of this minute. Of exceptions it counts only those dated ahead, whose minute lies after
 * the moment they were journaled; the time of the others can be read by our reader only.
 */
const isCountedBySource = ({ kind, committedAt }: Manifest, minute: string): boolean => {
  const committed = toInstant(committedAt);
  return kind !== 'exception' || committed === undefined || minute > minuteOf(committed);
};

const withSegment = (spans: readonly Span[], seq: number): Span[] => {
  const last = spans.at(-1);
  if (last && seq >= last[0] && seq <= last[1] + closeEnough)
    return [...spans.slice(0, -1), [last[0], Math.max(last[1], seq)]];
  const more: Span[] = [...spans, [seq, seq]];
  return more.length <= mostSpans ? more : joinedWhereClosest(more);
};

const joinedWhereClosest = (spans: readonly Span[]): Span[] => {
  const gapAfter = (at: number): number => (spans[at + 1]?.[0] ?? Number.POSITIVE_INFINITY) - (spans[at]?.[1] ?? 0);
  let closest = 0;
  for (let at = 1; at < spans.length - 1; at += 1) if (gapAfter(at) < gapAfter(closest)) closest = at;
  const [left, right] = [spans[closest], spans[closest + 1]];
  return left && right ? [...spans.slice(0, closest), [left[0], right[1]], ...spans.slice(closest + 2)] : [...spans];
};

/** `undefined` if the value is no DayRecord. */
export const readDayRecord = (value: unknown): DayRecord | undefined => {
  const record = (typeof value === 'object' && value !== null ? value : {}) as Partial<DayRecord>;
  const { upTo, minutes, surplus, segments } = record;
  const whole =
    isSegmentPlace(upTo) &&
    [minutes, surplus].every((counts) => isRecord(counts) && Object.values(counts).every(Number.isSafeInteger)) &&
    isRecord(segments) &&
    Object.values(segments).every((spans) => Array.isArray(spans) && spans.every(isSpan));
  return whole ? (record as DayRecord) : undefined;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSpan = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);

/** Whole minutes, and how two counts of them differ. */
import { type Instant, instantFromMs, msOf } from './instant.ts';

/** Minutes from `fromMs` to before `toMs`, both multiples of 60 000 epoch ms. */
export interface Minutes {
  readonly fromMs: number;
  readonly toMs: number;
}

export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

export const floorToMinute = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;
export const ceilToMinute = (ms: number): number => Math.ceil(ms / minuteMs) * minuteMs;

/** The first whole minute that begins at or after an instant, epoch ms. */
export const firstMinuteFrom = (instant: Instant): number =>
  instant.endsWith(':00.000000000Z') ? msOf(instant) : floorToMinute(msOf(instant)) + minuteMs;

/** `YYYY-MM-DDTHH:mm` of an epoch ms. */
export const minuteText = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

export const minuteStartMs = (minute: string): number => Date.parse(`${minute}:00Z`);

/** The closed range of instants that lie in these minutes, to the nanosecond. */
export const instantsOf = ({ fromMs, toMs }: Minutes): { readonly from: Instant; readonly to: Instant } => ({
  from: instantFromMs(fromMs),
  to: `${minuteText(toMs - minuteMs)}:59.999999999Z` as Instant,
});

/** The days, `YYYY-MM-DD`, that these minutes touch. */
export const daysOf = ({ fromMs, toMs }: Minutes): readonly string[] => {
  const days: string[] = [];
  for (let at = fromMs; at < toMs; at = nextDayMs(at)) days.push(minuteText(at).slice(0, 10));
  return days;
};

const nextDayMs = (ms: number): number => (Math.floor(ms / dayMs) + 1) * dayMs;

/** One minute that the source and the journal count differently. */
export interface Difference {
  readonly minute: string;
  readonly source: number;
  readonly held: number;
}

export interface Differences {
  /** The minutes to look into, ascending. */
  readonly more: readonly Difference[];
  /** How many more events the source holds than the journal, in minutes whose difference is not explained. */
  readonly missing: number;
  /** How many fewer events the source holds than the journal, in all minutes. */
  readonly removed: number;
}

/** What the journal holds, by minute. */
export interface HeldMinutes {
  held(minute: string): number;
  /** How many more events than `held` the source counts although the journal holds every event that it shows: repeated documents. */
  surplus(minute: string): number;
  /** Every minute in which something is held, within a range. */
  minutesIn(range: Minutes): Iterable<string>;
}

/**
 * Which minutes are looked into. `differing`: those of which the source counts more than the journal plus the explained surplus, or, in a
 * minute with a surplus, fewer: then some of the copies that explained the surplus are gone, and as many late events may be hidden by that.
 * `explained too`: also those in which copies explain the whole difference. `every`: all in which the source holds events.
 */
export type Looked = 'differing' | 'explained too' | 'every';

export const differencesIn = (
  range: Minutes,
  source: ReadonlyMap<string, number>,
  journal: HeldMinutes,
  looked: Looked = 'differing',
): Differences => {
  const more: Difference[] = [];
  let missing = 0;
  let removed = 0;
  for (const [minute, count] of source) {
    const held = journal.held(minute);
    const surplus = journal.surplus(minute);
    const isMore = count > held + surplus;
    if (isMore) missing += count - held;
    const isStale = surplus > 0 && (count < held + surplus || looked === 'explained too');
    if (isMore || isStale || looked === 'every') more.push({ minute, source: count, held });
  }
  for (const minute of journal.minutesIn(range))
    removed += Math.max(0, journal.held(minute) - (source.get(minute) ?? 0));
  more.sort((a, b) => (a.minute < b.minute ? -1 : 1));
  return { more, missing, removed };
};

/** Neighbouring minutes that are read together. */
export interface Stretch extends Minutes {
  readonly minutes: readonly Difference[];
}

const mostMinutes = 60;
const mostEvents = 100_000;

/** Joins differing minutes that follow each other to stretches of at most an hour and 100 000 events. */
export const stretchesOf = (differences: readonly Difference[]): readonly Stretch[] => {
  const stretches: { fromMs: number; toMs: number; minutes: Difference[]; events: number }[] = [];
  for (const one of differences) {
    const fromMs = minuteStartMs(one.minute);
    const last = stretches.at(-1);
    if (last && last.toMs === fromMs && last.minutes.length < mostMinutes && last.events + one.source <= mostEvents) {
      last.minutes.push(one);
      last.toMs += minuteMs;
      last.events += one.source;
    } else stretches.push({ fromMs, toMs: fromMs + minuteMs, minutes: [one], events: one.source });
  }
  return stretches;
};

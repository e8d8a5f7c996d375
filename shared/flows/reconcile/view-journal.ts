import type { Checkpoint } from '../../core/checkpoint.ts';
import { segmentsReaching } from '../../core/exception-list.ts';
import { type Instant, toInstant } from '../../core/instant.ts';
import type { SegmentPlace } from '../../core/reconcile.ts';
import { type Day, dayOf, minutesPartition, readDayRecord, worthStoring } from '../../core/reconcile-day.ts';
import { type HeldMinutes, type Minutes, minuteText, type Stretch } from '../../core/reconcile-minutes.ts';
import { type Manifest, noHash } from '../../core/segment.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Journal } from '../journal/open-journal.ts';

/** What the journal holds, as of one head, of some days. */
export interface JournalView extends HeldMinutes {
  readonly head: () => Manifest | undefined;
  /**
   * Keys of every event that is journaled with a time in one of these minutes, and some more.
   * @throws OperatorMustFix when a segment's object is missing or damaged: what it holds cannot be known
   */
  readonly keysOf: (stretch: Stretch) => Promise<Set<string>>;
  /** Follows the journal to a newer segment; the one after `head`. */
  readonly advance: (manifest: Manifest) => void;
  readonly explain: (minute: string, surplus: number) => void;
  readonly tally: () => Tally;
  /** Stores what would cost much to sum again. Losing the race against another run is no loss: it stored the same sums. */
  readonly store: () => Promise<void>;
}

/** Sums over the whole journal. */
export interface Tally {
  readonly upTo: SegmentPlace;
  readonly late: number;
  readonly exceptions: number;
}

export interface ViewDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
}

export interface ViewOptions {
  readonly checkpoint: Checkpoint;
  readonly head: Manifest | undefined;
  /** `YYYY-MM-DD`. */
  readonly days: readonly string[];
  /** What is summed already of the whole journal; absent: nobody wants those sums. */
  readonly tally?: Tally;
  readonly outOfTime: () => boolean;
}

export const noTally: Tally = { upTo: { seq: 0, hash: noHash }, late: 0, exceptions: 0 };

/** How many manifests are read at the same time. */
const atOnce = 32;

/**
 * The journal as its manifests tell it: sums that were stored, and every manifest since. Each is read once, whatever number of days it is
 * summed for. `whole` is false when time ran out: what was summed is stored, and the next call goes on from there.
 * @throws OperatorMustFix when a manifest is missing or altered
 */
export const viewJournal = async (
  { journal, records }: ViewDeps,
  options: ViewOptions,
): Promise<{ readonly view: JournalView; readonly whole: boolean }> => {
  const { checkpoint, outOfTime } = options;
  let { head } = options;
  const partition = minutesPartition(journal.source);
  const versions = new Map<string, number>();
  const days = new Map<string, Day>();
  const headSeq = head?.seq ?? 0;

  const isOfThisJournal = async ({ seq, hash }: SegmentPlace): Promise<boolean> =>
    seq === 0 ? hash === noHash : seq <= headSeq && (await journal.manifest(seq))?.hash === hash;

  const known = options.tally;
  let tally = known && (await isOfThisJournal(known.upTo)) ? known : noTally;
  const wanted = known ? [tally.upTo.seq] : [];

  const listed = checkpoint.listed && (await journal.exceptions.read(checkpoint.listed));
  const exceptionsReaching = (time: Instant): readonly number[] => [
    ...(listed ? segmentsReaching(listed, time) : []),
    ...checkpoint.exceptions,
  ];
  /** The list has the keys of exceptions whose segments may have expired. */
  const keysIn = (manifest: Manifest): readonly string[] | Promise<readonly string[]> =>
    listed && manifest.kind === 'exception' && manifest.seq <= listed.upTo.seq ? listed.keys : journal.keys(manifest);

  const openDay = async (name: string): Promise<void> => {
    const stored = await records.get(partition, name);
    versions.set(name, stored?.version ?? 0);
    const record = readDayRecord(stored?.value);
    if (record && (await isOfThisJournal(record.upTo))) {
      days.set(name, dayOf(name, record));
      return;
    }
    const day = dayOf(name, { upTo: await placeBefore(journal, head, startOf(name)) });
    for (const seq of exceptionsReaching(startOf(name)))
      if (seq <= day.upTo().seq) day.addEarlier(await journal.appended(seq));
    days.set(name, day);
  };

  const add = (manifest: Manifest): void => {
    for (const day of days.values()) if (day.upTo().seq === manifest.seq - 1) day.add(manifest);
    if (tally.upTo.seq === manifest.seq - 1)
      tally = {
        upTo: { seq: manifest.seq, hash: manifest.hash },
        late: tally.late + (manifest.kind === 'late' ? manifest.count : 0),
        exceptions: tally.exceptions + (manifest.kind === 'exception' ? manifest.count : 0),
      };
  };

  const store = async (): Promise<void> => {
    for (const [name, day] of days) {
      if (day.unstored() < worthStoring) continue;
      const version = versions.get(name) ?? 0;
      const written = await records.compareAndSet({ partition, id: name, value: day.record() }, version);
      if (written === 'stored') versions.set(name, version + 1);
      day.stored();
    }
  };

  for (const name of options.days) await openDay(name);
  let seq = Math.min(headSeq, ...wanted, ...[...days.values()].map((day) => day.upTo().seq));
  while (seq < headSeq && !outOfTime()) {
    const next = Array.from({ length: Math.min(atOnce, headSeq - seq) }, (_, n) => seq + 1 + n);
    for (const manifest of await Promise.all(next.map((one) => journal.appended(one)))) add(manifest);
    seq += next.length;
  }
  // Before anything else is asked for: what comes next may fail, and a long sum is not made twice.
  await store();

  const dayAt = (minute: string): Day | undefined => days.get(minute.slice(0, 10));
  const view: JournalView = {
    head: () => head,
    held: (minute) => dayAt(minute)?.held(minute) ?? 0,
    surplus: (minute) => dayAt(minute)?.surplus(minute) ?? 0,
    *minutesIn({ fromMs, toMs }: Minutes) {
      const [from, to] = [minuteText(fromMs), minuteText(toMs)];
      for (const day of days.values())
        for (const minute of day.minutes()) if (minute >= from && minute < to) yield minute;
    },
    keysOf: async ({ minutes }) => {
      const around = new Set<number>();
      for (const { minute } of minutes)
        for (const [first, last] of dayAt(minute)?.segmentsAround(minute) ?? [])
          for (let one = first; one <= last; one += 1) around.add(one);
      const manifests: Manifest[] = [];
      const numbers = [...around];
      for (let from = 0; from < numbers.length; from += atOnce) {
        const some = await Promise.all(numbers.slice(from, from + atOnce).map((one) => journal.appended(one)));
        manifests.push(...some.filter((one) => minutes.some(({ minute }) => minute in one.minutes)));
      }
      const keys = new Set<string>();
      for (const manifest of manifests) for (const key of await keysIn(manifest)) keys.add(key);
      return keys;
    },
    advance: (manifest) => {
      add(manifest);
      head = manifest;
    },
    explain: (minute, surplus) => dayAt(minute)?.explain(minute, surplus),
    tally: () => tally,
    store,
  };
  return { view, whole: seq >= headSeq };
};

const startOf = (day: string): Instant => toInstant(`${day}T00:00:00Z`) as Instant;

/**
 * The segment after which the first event of a day may stand: all up to it are older, exceptions left out. Found by halving, since
 * `maxTimeSoFar` never falls.
 */
const placeBefore = async (journal: Journal, head: Manifest | undefined, time: Instant): Promise<SegmentPlace> => {
  const isOlder = ({ maxTimeSoFar }: Manifest): boolean => maxTimeSoFar === null || maxTimeSoFar < time;
  let older: SegmentPlace = noTally.upTo;
  let low = 1;
  let high = head?.seq ?? 0;
  while (low <= high) {
    const middle = low === 1 && older.seq === 0 && high === head?.seq ? 1 : (low + high) >> 1;
    const manifest = await journal.appended(middle);
    if (isOlder(manifest)) {
      older = { seq: manifest.seq, hash: manifest.hash };
      low = middle + 1;
    } else high = middle - 1;
  }
  return older;
};

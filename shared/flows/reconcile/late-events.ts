import type { Checkpoint } from '../../core/checkpoint.ts';
import { RetryLater } from '../../core/errors.ts';
import type { Hit, ReadEvent } from '../../core/event.ts';
import type { Manifest } from '../../core/segment.ts';
import { segmentDraft } from '../../core/segment-draft.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { JournalView } from './view-journal.ts';

/** Events that the journal lacks, on their way into `late` segments. */
export interface LateEvents {
  /** Takes a hit that the view does not hold; one that was taken before is left out. */
  readonly take: (hit: Hit) => void;
  /** Enough is gathered for a segment. */
  readonly isFull: () => boolean;
  /**
   * Appends what is gathered, if anything. Another run that appended first is no harm as long as it appended other events. `overlap`: it
   * journaled some of the same; nothing of what was gathered is journaled, and the view has followed: compare again.
   * @throws RetryLater when others keep appending first
   */
  readonly commit: () => Promise<'committed' | 'overlap'>;
  readonly totals: () => { readonly recovered: number; readonly redacted: number; readonly segments: number };
}

export interface LateDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Reads, redacts and attributes one hit; never throws. `readAt` is ISO 8601. */
  readonly read: (hit: Hit, readAt: string) => ReadEvent;
}

const mostRaces = 16;

export const lateEvents = (
  { journal, clock, read }: LateDeps,
  {
    view,
    checkpoint,
    segment,
  }: {
    readonly view: JournalView;
    readonly checkpoint: Checkpoint;
    readonly segment: { readonly bytes: number; readonly events: number };
  },
): LateEvents => {
  const readAt = new Date(clock.nowMs()).toISOString();
  const draft = segmentDraft();
  const taken = new Set<string>();
  const totals = { recovered: 0, redacted: 0, segments: 0 };
  let redactions = 0;

  const discard = (): void => {
    draft.clear();
    taken.clear();
    redactions = 0;
  };

  /** @returns whether somebody appended events of this draft */
  const follow = async (): Promise<boolean> => {
    const newest = await journal.head(view.head()?.seq ?? 0);
    let overlaps = false;
    for (let seq = (view.head()?.seq ?? 0) + 1; newest && seq <= newest.seq; seq += 1) {
      const manifest = await journal.manifest(seq);
      if (!manifest) break;
      view.advance(manifest);
      overlaps ||= await holdsAny(journal, manifest, draft.minutes, taken);
    }
    return overlaps;
  };

  return {
    take: (hit) => {
      const event = read(hit, readAt);
      if (taken.has(event.key)) return;
      taken.add(event.key);
      draft.add(event);
      redactions += event.redactions;
    },
    isFull: () => draft.bytes >= segment.bytes || draft.count >= segment.events,
    commit: async () => {
      for (let race = 0; draft.count > 0; race += 1) {
        const head = view.head();
        const appended = await journal.append(draft, {
          kind: 'late',
          head,
          begin: checkpoint.begin,
          watermark: head?.watermark ?? checkpoint.watermark,
          committedAtMs: clock.nowMs(),
        });
        if (appended.kind === 'appended') {
          view.advance(appended.manifest);
          totals.recovered += draft.count;
          totals.redacted += redactions;
          totals.segments += 1;
          discard();
          return 'committed';
        }
        if (race >= mostRaces)
          throw new RetryLater(
            `Others appended to the journal of source "${journal.source}" first, ${race + 1} times in a row. The next run goes on.`,
          );
        if (await follow()) {
          discard();
          return 'overlap';
        }
      }
      return 'committed';
    },
    totals: () => totals,
  };
};

/** An event that is journaled twice has the same time twice: segments that name none of the minutes need not be looked into. */
const holdsAny = async (
  journal: Journal,
  manifest: Manifest,
  minutes: Readonly<Record<string, number>>,
  keys: ReadonlySet<string>,
): Promise<boolean> =>
  Object.keys(manifest.minutes).some((minute) => minute in minutes) &&
  (await journal.keys(manifest)).some((key) => keys.has(key));

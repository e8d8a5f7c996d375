import { advancedWatermark, type Checkpoint } from '../../core/checkpoint.ts';
import { type Hit, type ReadEvent, unattributed } from '../../core/event.ts';
import { cutToMs, earliest, type Instant, latest, msOf } from '../../core/instant.ts';
import { isWorthLeaving, type LeftWalk } from '../../core/left-walk.ts';
import type { Manifest } from '../../core/segment.ts';
import { segmentDraft } from '../../core/segment-draft.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Walk, WalkRequest } from '../../ports/source.ts';
import type { PullLine } from '../../ports/telemetry.ts';
import type { Journal } from '../journal/open-journal.ts';
import { rememberJournal } from './key-memory.ts';
import { listExceptions } from './list-exceptions.ts';
import { loadCheckpoint, type Start, storeCheckpoint } from './load-checkpoint.ts';

export interface RunDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
  /** Reads, redacts and attributes one hit; never throws. `readAt` is ISO 8601. */
  readonly read: (hit: Hit, readAt: string) => ReadEvent;
}

/** One run of pull: what it has gathered, what it knows, how far it has come. */
export interface Run {
  readonly checkpoint: () => Checkpoint;
  /** The last time seen: where a lost view is opened anew. */
  readonly lastTime: () => Instant | undefined;
  /** Another range follows: it is walked from its own beginning, since what became visible since may lie before the last time. */
  readonly beginRange: () => void;
  /** How many events of the view that is walked came before `lastTime`. */
  readonly walkedBefore: () => number;
  /** Bytes and events gathered and not yet appended. */
  readonly gathered: () => { readonly bytes: number; readonly events: number };
  readonly read: () => number;
  /** Hits of this view follow, `before` events of it came before: what was walked is counted per view. */
  readonly enter: (view: Walk, before: number) => void;
  /** @param range what was asked for, when it is a range of times */
  readonly take: (hit: Hit, range?: WalkRequest['range']) => void;
  /** How far the watermark may follow an unfinished walk to `to`: as far as the source counts no more events than were walked. */
  readonly midway: (view: Walk, to: Instant) => Promise<Instant>;
  /** Where the watermark stands after a walk that brought everything up to `to`. */
  readonly atEnd: (view: Walk, to: Instant) => Instant;
  /**
   * Appends what is gathered, if anything, then moves the checkpoint. `busy`: another run was first, this one must leave.
   * @param known how many events lie outside every range, once all were walked; where the next run goes on within one instant
   */
  readonly commit: (
    watermark: Instant,
    kind: Manifest['kind'],
    known?: { readonly outside?: number; readonly left?: LeftWalk | undefined },
  ) => Promise<'committed' | 'busy'>;
  /** What the next run must know of a walk that ends here; `undefined` when it does as well to begin at the last time. */
  readonly leave: (view: () => Pick<LeftWalk, 'view' | 'range' | 'after'> | undefined) => LeftWalk | undefined;
  readonly line: (source: string, result: PullLine['result']) => PullLine;
}

/**
 * An event of several times is found by each of them and sorted by the first: its key is needed until the watermark has passed the last,
 * as far as these were asked for. One that is sorted before the range has another time within it, wherever the document keeps that.
 */
const upToOf = ({ time, lastTime }: ReadEvent, { from, to }: WalkRequest['range']): Instant | undefined => {
  if (time === undefined) return undefined;
  if (cutToMs(time) < cutToMs(from)) return to;
  return lastTime && latest(time, earliest(lastTime, to));
};

/** @throws OperatorMustFix when state and journal do not belong together */
export const openRun = async (
  deps: RunDeps,
  options: { readonly start: Start; readonly overlapMs: number },
): Promise<Run> => {
  const { journal, clock } = deps;
  const startedAtMs = clock.nowMs();
  const readAt = new Date(startedAtMs).toISOString();
  let { checkpoint, version, head } = await loadCheckpoint(deps, options.start);
  const memory = await rememberJournal(journal, head, checkpoint);
  checkpoint = await listExceptions(journal, checkpoint, startedAtMs);
  const draft = segmentDraft();
  const totals = { read: 0, kept: 0, redacted: 0, journaled: 0, unattributed: 0, unreadable: 0, segments: 0 };
  const { left } = checkpoint;
  let lastTime: Instant | undefined = left?.lastTime;
  let view: Walk | undefined;
  /** Events walked in this view, and those of them that lie before `lastTime` and before its millisecond. */
  let walked = left?.walked ?? 0;
  let walkedBefore = left?.walkedBefore ?? 0;
  let walkedBeforeMs = left?.walkedBeforeMs ?? walkedBefore;

  const take: Run['take'] = (hit, range) => {
    const event = deps.read(hit, readAt);
    totals.read += 1;
    if (event.time !== undefined && event.time !== lastTime) {
      if (lastTime === undefined || cutToMs(event.time) !== cutToMs(lastTime)) walkedBeforeMs = walked;
      lastTime = event.time;
      walkedBefore = walked;
    }
    walked += 1;
    if (memory.has(event.key)) return;
    memory.add(event.key);
    draft.add(event, range && upToOf(event, range));
    totals.kept += 1;
    totals.redacted += event.redactions;
    if (event.tenant === unattributed) totals.unattributed += 1;
    if (event.event.event.kind === 'pipeline_error') totals.unreadable += 1;
  };

  const append = async (watermark: Instant, kind: Manifest['kind']): Promise<Manifest | 'busy'> => {
    const appended = await journal.append(draft, {
      kind,
      head,
      begin: checkpoint.begin,
      watermark,
      committedAtMs: clock.nowMs(),
    });
    if (appended.kind === 'lost race') return 'busy';
    totals.journaled += draft.count;
    totals.segments += 1;
    // What has no time, or one of the far future, is behind no watermark: it is remembered until the run ends.
    if (kind === 'exception') memory.keep(draft.blocks().flatMap((block) => block.keys));
    memory.seal(draft.maxTime);
    draft.clear();
    return appended.manifest;
  };

  const commit: Run['commit'] = async (watermark, kind, known = {}) => {
    let { exceptions } = checkpoint;
    const { listed } = checkpoint;
    if (draft.count > 0) {
      const appended = await append(watermark, kind);
      if (appended === 'busy') return 'busy';
      head = appended;
      if (kind === 'exception') exceptions = [...exceptions, appended.seq];
    }
    const nowMs = clock.nowMs();
    const walkedOutside =
      known.outside === undefined ? checkpoint.outside : { count: known.outside, walkedAtMs: nowMs };
    const next: Checkpoint = {
      begin: checkpoint.begin,
      watermark,
      head: head?.seq ?? 0,
      scannedAt: new Date(nowMs).toISOString(),
      exceptions,
      ...(listed && { listed }),
      ...(walkedOutside && { outside: walkedOutside }),
      ...(known.left && { left: known.left }),
    };
    if ((await storeCheckpoint(deps, next, version)) === 'conflict') return 'busy';
    checkpoint = next;
    version += 1;
    memory.forgetBefore(watermark);
    return 'committed';
  };

  const advanced = ({ openedAtMs }: Walk, to: Instant, ended: 'ended' | 'going on'): Instant =>
    advancedWatermark(checkpoint.watermark, { openedAtMs, to, overlapMs: options.overlapMs, lastTime, ended });

  return {
    checkpoint: () => checkpoint,
    lastTime: () => lastTime,
    beginRange: () => {
      lastTime = undefined;
    },
    walkedBefore: () => walkedBefore,
    gathered: () => ({ bytes: draft.bytes, events: draft.count }),
    read: () => totals.read,
    enter: (next, before) => {
      if (next === view) return;
      view = next;
      // Only a view that was left has brought events to an earlier run.
      walked = before;
      walkedBefore = before > 0 ? (left?.walkedBefore ?? 0) : 0;
      walkedBeforeMs = before > 0 ? (left?.walkedBeforeMs ?? walkedBefore) : 0;
    },
    leave: (leaveView) => {
      if (lastTime === undefined || !isWorthLeaving({ walked, walkedBeforeMs })) return undefined;
      const open = leaveView();
      return open && { ...open, walked, walkedBefore, walkedBeforeMs, lastTime };
    },
    take,
    midway: async (of, to) => {
      const gap = lastTime === undefined || (await of.countBefore(lastTime)) > walkedBefore;
      return gap ? checkpoint.watermark : advanced(of, to, 'going on');
    },
    atEnd: (of, to) => advanced(of, to, 'ended'),
    commit,
    line: (source, result) => ({
      source,
      result,
      ...totals,
      head: head?.seq ?? 0,
      watermark: checkpoint.watermark,
      lagMs: Math.max(0, clock.nowMs() - msOf(checkpoint.watermark)),
      durationMs: clock.nowMs() - startedAtMs,
    }),
  };
};

import { advancedWatermark, type Checkpoint, isOutsideKnown } from '../core/checkpoint.ts';
import { type Hit, type ReadEvent, unattributed } from '../core/event.ts';
import { type Instant, instantFromMs, msOf } from '../core/instant.ts';
import type { Manifest } from '../core/segment.ts';
import { segmentDraft } from '../core/segment-draft.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Source, Walk } from '../ports/source.ts';
import type { PullLine, Telemetry } from '../ports/telemetry.ts';
import type { Journal } from './journal/open-journal.ts';
import { rememberJournal } from './pull/key-memory.ts';
import { loadCheckpoint, type Start, storeCheckpoint } from './pull/load-checkpoint.ts';
import { pullExceptions } from './pull/pull-exceptions.ts';
import { walkPages } from './pull/walk-pages.ts';

export interface PullDeps {
  readonly source: Source;
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
  /** Reads, redacts and attributes one hit; never throws. `readAt` is ISO 8601. */
  readonly read: (hit: Hit, readAt: string) => ReadEvent;
  readonly telemetry: Telemetry;
  readonly progress?: (so: { readonly read: number; readonly count: number }) => void;
}

export interface PullOptions {
  /** Where the first pull of a source begins. */
  readonly start: Start;
  /** How long after its time an event may become visible and still be found by the next scan. */
  readonly overlapMs: number;
  /** Until this run is ended from outside; `Infinity` when nobody does. */
  readonly remainingMs: () => number;
  readonly signal?: AbortSignal;
  /** When a segment is appended before the walk ends; 8 MiB and 50 000 events by default. */
  readonly segment?: { readonly bytes: number; readonly events: number };
}

/** What is kept back of a run to record what happened. */
export const reserveMs = 20_000;
/** Events dated further ahead are exceptions. */
export const aheadMs = 5 * 60_000;
const defaultSegment = { bytes: 8 * 1024 * 1024, events: 50_000 } as const;

/**
 * Copies every event that became visible since the checkpoint into the journal, once. Afterwards the checkpoint stands where all
 * before it is journaled. Any number of runs may be at work at once: one appends, the others leave with `busy`.
 * @throws RetryLater when the source or a store gives no whole answer: what was appended stays, the next run goes on
 * @throws OperatorMustFix when a person must act; the checkpoint is where the last append left it
 */
export const pullSource = async (deps: PullDeps, options: PullOptions): Promise<PullLine> => {
  const run = await beginRun(deps, options);
  const result = await run.walk();
  const line = run.line(result);
  deps.telemetry.pullRun(line);
  return line;
};

const beginRun = async (deps: PullDeps, options: PullOptions) => {
  const { source, journal, clock, telemetry } = deps;
  const startedAtMs = clock.nowMs();
  const loaded = await loadCheckpoint(deps, options.start);
  await source.preflight();
  const memory = await rememberJournal(journal, loaded.head, loaded.checkpoint);
  const totals = { read: 0, kept: 0, redacted: 0, journaled: 0, unattributed: 0, unreadable: 0, segments: 0 };
  const state: { checkpoint: Checkpoint; version: number; head: Manifest | undefined } = { ...loaded };
  const draft = segmentDraft();
  const segment = options.segment ?? defaultSegment;
  const readAt = new Date(startedAtMs).toISOString();
  let lastTime: Instant | undefined;
  let view: Walk | undefined;
  /** Events walked in this view, and those of them that lie before `lastTime`. */
  let walked = 0;
  let walkedBefore = 0;

  const take = (hit: Hit): void => {
    const event = deps.read(hit, readAt);
    totals.read += 1;
    if (event.time !== undefined && event.time !== lastTime) {
      lastTime = event.time;
      walkedBefore = walked;
    }
    walked += 1;
    if (memory.has(event.key)) return;
    memory.add(event.key);
    draft.add(event);
    totals.kept += 1;
    totals.redacted += event.redactions;
    if (event.tenant === unattributed) totals.unattributed += 1;
    if (event.event.event.kind === 'pipeline_error') totals.unreadable += 1;
  };

  const commit = async (
    watermark: Instant,
    kind: Manifest['kind'],
    walkedOutside?: number,
  ): Promise<'committed' | 'busy'> => {
    let { exceptions, outside } = state.checkpoint;
    if (walkedOutside !== undefined) outside = { count: walkedOutside, walkedAtMs: clock.nowMs() };
    if (draft.count > 0) {
      const appended = await journal.append(draft, { kind, head: state.head, watermark, committedAtMs: clock.nowMs() });
      if (appended.kind === 'lost race') return 'busy';
      state.head = appended.manifest;
      totals.journaled += draft.count;
      totals.segments += 1;
      if (kind === 'exception') {
        exceptions = [...exceptions, appended.manifest.seq];
        memory.keep(draft.blocks().flatMap((block) => block.keys));
      }
      memory.seal(draft.maxTime);
      draft.clear();
    }
    const next = {
      watermark,
      head: state.head?.seq ?? 0,
      scannedAt: new Date(clock.nowMs()).toISOString(),
      exceptions,
      ...(outside && { outside }),
    };
    if ((await storeCheckpoint(deps, next, state.version)) === 'conflict') return 'busy';
    state.checkpoint = next;
    state.version += 1;
    memory.forgetBefore(watermark);
    return 'committed';
  };

  const outOfTime = (): boolean => options.remainingMs() < reserveMs || options.signal?.aborted === true;

  const walk = async (): Promise<PullLine['result']> => {
    const range = { from: state.checkpoint.watermark, to: instantFromMs(clock.nowMs() + aheadMs) };
    const steps = walkPages(source, {
      request: { range },
      clock,
      lastTime: () => lastTime,
      ...(options.signal && { signal: options.signal }),
    });
    /** The watermark follows the walk only as far as the source counts no more events than were walked. */
    const midway = async (view: Walk): Promise<Instant> => {
      const { watermark } = state.checkpoint;
      if (lastTime === undefined || (await view.countBefore(lastTime)) > walkedBefore) return watermark;
      return advancedWatermark(watermark, {
        openedAtMs: view.openedAtMs,
        overlapMs: options.overlapMs,
        lastTime,
        ended: 'going on',
      });
    };
    for await (const step of steps) {
      if (step.kind === 'end') {
        if (step.walked < step.counted) {
          telemetry.notice(
            'warn',
            'The source gave fewer events than it counted; this window is walked again by the next run.',
            {
              source: source.id,
              walked: step.walked,
              counted: step.counted,
            },
          );
          return (await commit(state.checkpoint.watermark, 'scan')) === 'busy' ? 'busy' : 'more';
        }
        const watermark = advancedWatermark(state.checkpoint.watermark, {
          openedAtMs: step.walk.openedAtMs,
          overlapMs: options.overlapMs,
          lastTime,
          ended: 'ended',
        });
        if ((await commit(watermark, 'scan')) === 'busy') return 'busy';
        break;
      }
      if (step.walk !== view) {
        view = step.walk;
        walked = 0;
        walkedBefore = 0;
      }
      for (const hit of step.hits) take(hit);
      deps.progress?.({ read: totals.read, count: step.walk.count });
      if (draft.count >= segment.events || draft.bytes >= segment.bytes) {
        if ((await commit(await midway(step.walk), 'scan')) === 'busy') return 'busy';
      }
      if (outOfTime()) return (await commit(await midway(step.walk), 'scan')) === 'busy' ? 'busy' : 'more';
    }
    return pullExceptions({
      source,
      clock,
      range,
      take,
      commit: (outside) => commit(state.checkpoint.watermark, 'exception', outside),
      isKnown: (count) => isOutsideKnown(state.checkpoint.outside, count, clock.nowMs()),
      outOfTime,
    });
  };

  const line = (result: PullLine['result']): PullLine => ({
    source: source.id,
    result,
    ...totals,
    head: state.head?.seq ?? 0,
    watermark: state.checkpoint.watermark,
    lagMs: Math.max(0, clock.nowMs() - msOf(state.checkpoint.watermark)),
    durationMs: clock.nowMs() - startedAtMs,
  });

  return { walk, line };
};

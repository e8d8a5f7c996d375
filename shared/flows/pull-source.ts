import { isOutsideKnown } from '../core/checkpoint.ts';
import { instantFromMs } from '../core/instant.ts';
import type { LeftWalk } from '../core/left-walk.ts';
import type { Clock } from '../ports/clock.ts';
import type { Source, Walk, WalkRequest } from '../ports/source.ts';
import type { PullLine, Telemetry } from '../ports/telemetry.ts';
import type { Start } from './pull/load-checkpoint.ts';
import { openRun, type Run, type RunDeps } from './pull/open-run.ts';
import { pullExceptions } from './pull/pull-exceptions.ts';
import { type Step, walkPages } from './pull/walk-pages.ts';

export interface PullDeps extends RunDeps {
  readonly source: Source;
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
const reserveMs = 20_000;
/** Events dated further ahead are exceptions. */
const aheadMs = 5 * 60_000;
/** What a slow source gives is appended this often: a run that is ended from outside loses no more. */
const mostGatheringMs = 60_000;
const defaultSegment = { bytes: 8 * 1024 * 1024, events: 50_000 } as const;

type Result = PullLine['result'];
type Range = WalkRequest['range'];
/** Whether too little time is left to record what happened, after something else that takes `neededMs`. */
type OutOfTime = (neededMs?: number) => boolean;

/**
 * Copies every event that became visible since the checkpoint into the journal, once. Afterwards the checkpoint stands where all
 * before it is journaled. Any number of runs may be at work at once: one appends, the others leave with `busy`.
 * @throws RetryLater when the source or a store gives no whole answer: what was appended stays, the next run goes on
 * @throws OperatorMustFix when a person must act; the checkpoint is where the last append left it
 */
export const pullSource = async (deps: PullDeps, options: PullOptions): Promise<PullLine> => {
  const { source, clock, telemetry } = deps;
  const run = await openRun(deps, options);
  await source.preflight();
  const outOfTime = (neededMs = 0): boolean =>
    options.remainingMs() < reserveMs + neededMs || options.signal?.aborted === true;

  const walked = await walkToNow(run, deps, options, outOfTime);
  const result =
    walked !== 'done'
      ? walked
      : await pullExceptions({
          source,
          clock,
          range: { to: instantFromMs(clock.nowMs() + aheadMs) },
          take: (hit) => run.take(hit),
          commit: (outside) =>
            run.commit(run.checkpoint().watermark, 'exception', outside === undefined ? {} : { outside }),
          isKnown: (count) => isOutsideKnown(run.checkpoint().outside, count, clock.nowMs()),
          outOfTime,
        });
  const line = run.line(source.id, result);
  telemetry.pullRun(line);
  return line;
};

/**
 * Walks from the watermark to now, and a little ahead. A walk that was left or lost keeps the end of its range, which may be long past when
 * it ends: then what came since is walked as well.
 */
const walkToNow = async (run: Run, deps: PullDeps, options: PullOptions, outOfTime: () => boolean): Promise<Result> => {
  const { clock } = deps;
  for (;;) {
    const { left, watermark } = run.checkpoint();
    const range = left?.range ?? { from: watermark, to: instantFromMs(clock.nowMs() + aheadMs) };
    const walked = await walkRange(run, deps, options, range, outOfTime);
    if (walked !== 'done' || range.to > instantFromMs(clock.nowMs() - options.overlapMs)) return walked;
    if (outOfTime()) return 'more';
    run.beginRange();
  }
};

/** Walks a range to its end; a segment is appended whenever enough is gathered, and when the walk fails. */
const walkRange = async (
  run: Run,
  deps: PullDeps,
  { signal, segment = defaultSegment }: PullOptions,
  range: Range,
  outOfTime: OutOfTime,
): Promise<Result> => {
  const { source, clock, progress } = deps;
  const commitMidway = async (view: Walk, left?: LeftWalk) =>
    run.commit(await run.midway(view, range.to), 'scan', { left });
  const { left } = run.checkpoint();
  const steps = walkPages(source, {
    request: { range },
    clock,
    lastTime: run.lastTime,
    walkedBefore: run.walkedBefore,
    ...(left && { left }),
    ...(signal && { signal }),
  });
  let committedAtMs = clock.nowMs();
  const paced = pacedBy(clock);
  for await (const step of keptOnFailure(run, steps)) {
    // Awaited here: freeing the view takes a while, in which nobody would see the commit fail.
    if (step.kind === 'end') return await finish(run, step, range, deps);
    const slowestMs = paced();
    run.enter(step.walk, step.before);
    for (const hit of step.hits) run.take(hit, range);
    progress?.({ read: run.read(), count: step.walk.count });
    // The next page may take as long as the slowest did: a run that is ended from outside meanwhile records nothing.
    if (outOfTime(slowestMs))
      return (await commitMidway(step.walk, run.leave(step.leave))) === 'busy' ? 'busy' : 'more';
    const { bytes, events } = run.gathered();
    const isEnough =
      events >= segment.events || bytes >= segment.bytes || clock.nowMs() - committedAtMs > mostGatheringMs;
    if (!isEnough) continue;
    if ((await commitMidway(step.walk)) === 'busy') return 'busy';
    committedAtMs = clock.nowMs();
  }
  return 'done';
};

/** What was gathered is appended before a failure of the source ends the run: the next run reads it again, and knows it. */
async function* keptOnFailure(run: Run, steps: AsyncGenerator<Step, void, void>): AsyncGenerator<Step, void, void> {
  try {
    yield* steps;
  } catch (error) {
    const { watermark, left } = run.checkpoint();
    if (run.gathered().events > 0) await run.commit(watermark, 'scan', { left });
    throw error;
  }
}

/** How long the slowest step took until now, ms; each call ends a step. */
const pacedBy = (clock: Clock): (() => number) => {
  let slowestMs = 0;
  let lastMs = clock.nowMs();
  return () => {
    const nowMs = clock.nowMs();
    slowestMs = Math.max(slowestMs, nowMs - lastMs);
    lastMs = nowMs;
    return slowestMs;
  };
};

/** The view is walked to its end. Fewer events than it counted: the window stays open, and the next run walks it again. */
const finish = async (
  run: Run,
  step: Extract<Step, { kind: 'end' }>,
  { to }: Range,
  { source, telemetry }: Pick<PullDeps, 'source' | 'telemetry'>,
): Promise<Result> => {
  const { walk, walked, counted } = step;
  const whole = walked >= counted;
  if (!whole)
    telemetry.notice(
      'warn',
      'The source gave fewer events than it counted; this window is walked again by the next run.',
      {
        source: source.id,
        walked,
        counted,
      },
    );
  const committed = await run.commit(whole ? run.atEnd(walk, to) : run.checkpoint().watermark, 'scan');
  return committed === 'busy' ? 'busy' : whole ? 'done' : 'more';
};

/**
 * Who goes on next. Every call of a port, by every run, waits here until the history lets it go on; between two such moments nothing else
 * happens, so one history is played the same way every time, and a run can be killed at whatever it waits for.
 */
import type { Fault, Mishap, Operation, Round } from './history.ts';

/** A run of a flow, or a change of the world, while it is under way. */
export interface Run {
  readonly name: string;
  /** How far its clock is ahead. */
  readonly skewMs: number;
  /** Calls after which it is told to end; 0: never. */
  readonly patience: number;
  readonly faults: readonly Fault[];
  state: 'at work' | 'dead' | 'ended';
  calls: number;
  readonly counts: Map<Operation, number>;
}

export interface Call<T> {
  readonly operation: Operation | 'world';
  /** For the trace. */
  readonly target: string;
  /** Does it. A mishap that the scheduler knows nothing of is handed on. */
  readonly perform: (mishap: Mishap | undefined) => T | Promise<T>;
  /** What the caller sees when no answer comes. */
  readonly lost: (point: 'before' | 'after') => Error;
  /** The answer when the caller's own first try was counted as somebody else's. */
  readonly toldTwice?: T;
}

interface Waiting {
  readonly run: Run;
  readonly label: string;
  readonly goOn: () => Promise<string>;
}

export interface Scheduler {
  readonly clock: { nowMs(): number };
  advance(ms: number): void;
  readonly trace: readonly string[];
  say(line: string): void;
  /** Waits for its turn. Never settles for a run that is dead. */
  call<T>(run: Run, call: Call<T>): Promise<T>;
  /** Begins all of them, and plays until each has ended or died. */
  play(runs: readonly Begun[], order: Round['order'], isOver: () => boolean): Promise<void>;
}

export interface Begun {
  readonly run: Run;
  readonly work: () => Promise<unknown>;
}

export const aRun = (
  name: string,
  { skewMs = 0, patience = 0, faults = [] }: Partial<Pick<Run, 'skewMs' | 'patience' | 'faults'>> = {},
): Run => ({ name, skewMs, patience, faults, state: 'at work', calls: 0, counts: new Map() });

/** Whatever a call does, it takes this long. */
const callMs = 7;
const slowMs = 20_000;
/** No history of this size needs more calls; a run that does goes round in circles. */
const mostSteps = 60_000;

const isOfProcess = (mishap: Mishap | undefined): boolean => mishap?.startsWith('killed') === true;

export const scheduler = (startMs: number): Scheduler => {
  let nowMs = startMs;
  let steps = 0;
  const trace: string[] = [];
  let waiting: Waiting[] = [];

  const say = (line: string): void => {
    trace.push(`${new Date(nowMs).toISOString().slice(5, 23)} ${line}`);
  };

  const kill = (run: Run): void => {
    run.state = 'dead';
    waiting = waiting.filter((one) => one.run !== run);
  };

  const call = <T>(run: Run, { operation, target, perform, lost, toldTwice }: Call<T>): Promise<T> => {
    if (run.state === 'dead') return new Promise(() => {});
    const mishap = operation === 'world' ? undefined : mishapOf(run, operation);
    return new Promise((resolve, reject) => {
      const answer = (done: () => void): void => {
        if (run.state !== 'dead') done();
      };
      const carryOut = async (handed: Mishap | undefined): Promise<string> => {
        try {
          const value = await perform(handed);
          if (mishap === 'lost after') {
            answer(() => reject(lost('after')));
            return 'done, answer lost';
          }
          if (mishap === 'told twice' && toldTwice !== undefined && typeof value === 'string') {
            answer(() => resolve(toldTwice));
            return `${value}, told ${String(toldTwice)}`;
          }
          if (mishap === 'slow') {
            waiting.push({
              run,
              label: `${operation} ${target}: the answer`,
              goOn: async () => {
                nowMs += slowMs;
                answer(() => resolve(value));
                return '';
              },
            });
            return 'done, the answer takes its time';
          }
          answer(() => resolve(value));
          return typeof value === 'string' ? value : '';
        } catch (error) {
          answer(() => reject(error));
          return error instanceof Error ? `! ${error.message}` : String(error);
        }
      };
      const goOn = async (): Promise<string> => {
        switch (mishap) {
          case 'killed before':
            kill(run);
            return 'KILLED before it left';
          case 'killed after':
            await carryOut(undefined);
            kill(run);
            return 'done, then KILLED';
          case 'killed under way':
            kill(run);
            waiting.push({ run, label: `${operation} ${target}: still on its way`, goOn: () => carryOut(undefined) });
            return 'KILLED while it is on its way';
          case 'lost before':
            answer(() => reject(lost('before')));
            return 'LOST before it took effect';
          default:
            return carryOut(mishap);
        }
      };
      const fate = mishap === undefined || isOfProcess(mishap) ? '' : ` [${mishap}]`;
      waiting.push({ run, label: `${operation} ${target}${fate}`, goOn });
    });
  };

  /** Of the call that a pick means: which of the actors that wait, and which of its calls. */
  const placeOf = (runs: readonly Run[], pick: number): number => {
    const able = runs.filter((run) => waiting.some((one) => one.run === run));
    const chosen = able[pick % Math.max(1, able.length)];
    const calls = waiting.flatMap(({ run }, at) => (run === chosen ? [at] : []));
    return calls[Math.floor(pick / Math.max(1, able.length)) % Math.max(1, calls.length)] ?? 0;
  };

  const step = async (runs: readonly Run[], pick: number | undefined): Promise<void> => {
    steps += 1;
    if (steps > mostSteps) throw new GoesRoundInCircles(`more than ${mostSteps} calls`);
    const [one] = waiting.splice(pick === undefined ? 0 : placeOf(runs, pick), 1);
    if (!one) return;
    nowMs += callMs;
    const result = await one.goOn();
    say(`${one.run.name}: ${one.label}${result === '' ? '' : ` -> ${result}`}`);
  };

  return {
    clock: { nowMs: () => nowMs },
    advance: (ms) => {
      nowMs += ms;
    },
    trace,
    say,
    call,
    play: async (begun, order, isOver) => {
      const broken: unknown[] = [];
      const runs = begun.map(({ run }) => run);
      for (const { run, work } of begun)
        work().then(
          () => {
            run.state = 'ended';
          },
          (error: unknown) => {
            run.state = 'ended';
            broken.push(error);
          },
        );
      for (let at = 0; ; at += 1) {
        await quiet();
        if (broken.length > 0) throw broken[0];
        if (isOver()) return;
        if (waiting.length === 0) break;
        await step(runs, order[at]);
      }
      const idle = begun.find(({ run }) => run.state === 'at work');
      if (idle) throw new GoesRoundInCircles(`${idle.run.name} waits for something that is no call of a port`);
    },
  };
};

export class GoesRoundInCircles extends Error {
  override readonly name = 'GoesRoundInCircles';
}

/** Counts the call, and says what goes wrong with it. */
const mishapOf = (run: Run, operation: Operation): Mishap | undefined => {
  const nth = run.counts.get(operation) ?? 0;
  run.counts.set(operation, nth + 1);
  const nthOfAll = run.calls;
  run.calls += 1;
  return run.faults.find(({ at, nth: when }) => (at === 'any' ? when === nthOfAll : at === operation && when === nth))
    ?.what;
};

/** Until nothing moves by itself: promises and ticks are worked off before an immediate comes. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

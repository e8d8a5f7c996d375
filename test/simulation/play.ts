import { createHash } from 'node:crypto';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { members } from './cast.ts';
import { checkDeliveries } from './checks/delivery-check.ts';
import { checkJournal } from './checks/journal-check.ts';
import type { Actor, History, RunActor, WorldActor } from './history.ts';
import { aProcess, type Process } from './processes.ts';
import { aRun, type Begun, GoesRoundInCircles } from './scheduler.ts';
import { settle } from './settle.ts';
import type { Failure } from './witness.ts';
import { aSimulatedWorld, type SimulatedWorld } from './world.ts';

export interface Played {
  /** The first is what went wrong; others may follow from it. */
  readonly failures: readonly Failure[];
  readonly trace: readonly string[];
  /** SHA-256 of the trace: two plays of one history have the same. */
  readonly hash: string;
}

/** Plays a history, lets the system run on in peace, and holds the outcome against what was promised. */
export const play = async (history: History): Promise<Played> => {
  const world = aSimulatedWorld(history);
  const { witness, scheduler } = world;
  const isOver = (): boolean => witness.failures.length > 0;
  const unobserved = (error: unknown): void => witness.fail('no failure goes unobserved', String(error));
  process.on('unhandledRejection', unobserved);
  try {
    for (const [number, { actors, order }] of history.rounds.entries()) {
      if (isOver()) break;
      witness.round = number + 1;
      scheduler.say(`-- round ${number + 1}`);
      await scheduler.play(
        actors.map((actor, at) => begun(world, actor, `${actor.kind}${actors.length > 1 ? ` ${at + 1}` : ''}`)),
        order,
        isOver,
      );
    }
    witness.round += 1;
    if (!isOver()) await settle(world);
    if (!isOver()) checkJournal(world);
    if (!isOver()) await checkDeliveries(world);
  } catch (error) {
    witness.fail(promiseBrokenBy(error), error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    process.off('unhandledRejection', unobserved);
  }
  for (const { promise, detail } of witness.failures) scheduler.say(`BROKEN ${promise}: ${detail}`);
  const hash = createHash('sha256').update(scheduler.trace.join('\n')).digest('hex');
  return { failures: witness.failures, trace: scheduler.trace, hash };
};

const promiseBrokenBy = (error: unknown): string => {
  if (error instanceof GoesRoundInCircles) return 'every run comes to an end';
  if (error instanceof OperatorMustFix) return 'nobody is called without a cause';
  return 'no run breaks';
};

const begun = (world: SimulatedWorld, actor: Actor, name: string): Begun => {
  switch (actor.kind) {
    case 'write':
    case 'wait':
    case 'engine':
    case 'settings':
    case 'restore': {
      const run = aRun(name);
      const perform = () => world.change(actor);
      const call = {
        operation: 'world' as const,
        target: detailOf(actor),
        perform,
        lost: () => new Error('the world loses nothing'),
      };
      return { run, work: () => world.scheduler.call(run, call) };
    }
    default: {
      const run = aRun(name, actor);
      return { run, work: () => patiently(world, run.name, flowOf(world, actor)(aProcess(world, run))) };
    }
  }
};

const detailOf = (actor: WorldActor): string => {
  switch (actor.kind) {
    case 'write':
      return `${actor.documents.length} documents`;
    case 'wait':
      return `${actor.ms} ms`;
    case 'engine':
    case 'settings':
      return actor.what;
    case 'restore':
      return `the checkpoint of ${actor.ago} writes ago`;
    default:
      return actor satisfies never;
  }
};

const flowOf =
  (world: SimulatedWorld, actor: RunActor) =>
  async (process: Process): Promise<unknown> => {
    switch (actor.kind) {
      case 'pull':
        return process.pull();
      case 'deliver':
        return process.deliver(members[actor.who % members.length]?.id ?? '');
      case 'pause':
        return process.pause(members[actor.who % members.length]?.id ?? '');
      case 'resume':
        return process.resume(members[actor.who % members.length]?.id ?? '');
      case 'wake':
        return process.wake();
      case 'reattribute':
        return process.reattribute();
      case 'reconcile':
        return process.reconcile(actor.rung === 'due' ? undefined : actor.rung);
      case 'backfill':
        return process.backfill(world.scheduler.clock.nowMs() - actor.fromAgoMs);
      default:
        return actor satisfies never;
    }
  };

/** The next run goes on after a `RetryLater`; anything else that is thrown is a failure of the history. */
const patiently = (world: SimulatedWorld, name: string, work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (!(error instanceof RetryLater)) throw error;
    world.scheduler.say(`${name}: gave up: ${error.message}`);
  });

/** The quiet end of every history: what was broken is mended, and the system runs on without faults until nothing is left to do. */
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import type { PullLine } from '../../shared/ports/telemetry.ts';
import { aProcess, type Process } from './processes.ts';
import { aRun } from './scheduler.ts';
import { type SimulatedWorld, startMs } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Claims run out, then what was outside of every range is read again, then retries of a day become due. */
const waitsMs = [70_000, 75 * minuteMs, 30 * hourMs, 30 * hourMs] as const;
/** By then the watermark has passed everything that was written. */
const comparedInTurn = 2;
/** Each catches up with a window; more than a handful are needed only by what never ends. */
const mostPulls = 8;

export const settle = async (world: SimulatedWorld): Promise<void> => {
  const { witness, scheduler } = world;
  const isOver = (): boolean => witness.failures.length > 0;
  const alone: Alone = async <T>(name: string, work: (process: Process) => Promise<T>) => {
    const run = aRun(name);
    let result: T | undefined;
    await scheduler.play(
      [
        {
          run,
          work: async () => {
            result = await work(aProcess(world, run));
          },
        },
      ],
      [],
      isOver,
    );
    return result;
  };

  await world.change({ kind: 'engine', what: 'shards return', shard: 0 });
  await world.change({ kind: 'settings', what: 'add subscription' });
  const lastVisibleMs = Math.max(0, ...[...witness.documents.values()].map(({ visibleAtMs }) => visibleAtMs));
  scheduler.advance(Math.max(0, lastVisibleMs - scheduler.clock.nowMs()) + minuteMs);
  witness.quietFromMs = scheduler.clock.nowMs();

  for (const [turn, waitMs] of waitsMs.entries()) {
    if (isOver()) return;
    scheduler.say(`-- quiet ${turn + 1}`);
    let result: PullLine['result'] | undefined;
    for (let pulls = 0; result !== 'done' && pulls < mostPulls && !isOver(); pulls += 1)
      result = (await alone('pull', (process) => process.pull()))?.result;
    if (result !== 'done')
      witness.fail('a pull that nothing disturbs catches up', `after ${mostPulls} it says ${result}`);
    if (turn === comparedInTurn) await compare(world, alone);
    for (const id of await stopped(world)) await alone('operator', (process) => process.resume(id));
    await alone('wake', (process) => process.wake());
    scheduler.advance(waitMs);
  }
};

type Alone = <T>(name: string, work: (process: Process) => Promise<T>) => Promise<T | undefined>;

/** What pull cannot see is looked for. */
const compare = async ({ traits, settings }: SimulatedWorld, alone: Alone): Promise<void> => {
  if (traits.lateness !== 'overlap') await alone('reconcile', (process) => process.reconcile('horizon'));
  if (traits.lateness === 'retention') await alone('backfill', (process) => process.backfill(startMs - dayMs));
  // A second run finds nothing left to do.
  if (settings.directory === 1)
    for (let runs = 0; runs < 2; runs += 1) await alone('reattribute', (process) => process.reattribute());
};

/** Subscriptions that only an operator sets going again. */
const stopped = async ({ records }: SimulatedWorld): Promise<readonly string[]> =>
  (await records.range(subscriptionPartition, { limit: 1000 }))
    .filter(({ value }) => {
      const { health, hold } = value as SubscriptionState;
      return health.status !== 'active' || hold !== undefined;
    })
    .map(({ id }) => id);

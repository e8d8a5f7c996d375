/** The flows as processes of their own: nothing is remembered from one run to the next, and every port waits for its turn. */
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { pausedState, resumedState } from '../../shared/core/hold.ts';
import { instantFromMs, msOf } from '../../shared/core/instant.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import type { Rung } from '../../shared/core/reconcile.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import type { SubscriptionState } from '../../shared/core/subscription-state.ts';
import { attributeTo } from '../../shared/core/tenants.ts';
import { type BackfillLine, backfill } from '../../shared/flows/backfill.ts';
import { newChallengeToken } from '../../shared/flows/deliver/challenge.ts';
import { loadState, storeState } from '../../shared/flows/deliver/load-state.ts';
import { deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { pullSource } from '../../shared/flows/pull-source.ts';
import { reattribute } from '../../shared/flows/reattribute.ts';
import { reconcileSource } from '../../shared/flows/reconcile-source.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import type { PullLine, ReconcileLine, Telemetry } from '../../shared/ports/telemetry.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aRoster } from '../support/a-roster.ts';
import { directories } from './cast.ts';
import { overlapMs } from './checks/checkpoint-check.ts';
import { horizonMs } from './checks/journal-check.ts';
import { noAnswer, wireTo } from './engine/wire.ts';
import type { EngineMishap } from './history.ts';
import { clockOf, gzipAtOnce, parkedBlobs, parkedQueue, parkedRecords } from './parked-ports.ts';
import { destinationOf } from './receiver.ts';
import type { Run } from './scheduler.ts';
import { type SimulatedWorld, sourceId } from './world.ts';

export interface Process {
  pull(): Promise<PullLine>;
  deliver(id: string): Promise<void>;
  /** Wakes who has something to do, and works off what is in the queue. */
  wake(): Promise<void>;
  /** @param rung absent: whatever is due */
  reconcile(rung?: Rung): Promise<ReconcileLine>;
  /** Everything from an instant up to the watermark; `undefined` when nothing was pulled yet. */
  backfill(fromMs: number): Promise<BackfillLine | undefined>;
  reattribute(): Promise<void>;
  /** Nothing more is sent from when this is stored. */
  pause(id: string): Promise<void>;
  /** What an operator does about a subscription that is held, paused, disabled, or waits for long. */
  resume(id: string): Promise<void>;
}

/** A process that begins now: it has the settings of this moment until it ends. */
export const aProcess = (world: SimulatedWorld, run: Run): Process => {
  const { scheduler, witness, settings } = world;
  const clock = clockOf(run, scheduler);
  const records = parkedRecords(run, scheduler, world.records);
  const journal = openJournal({
    store: parkedBlobs(run, scheduler, world.blobs),
    source: sourceId,
    compression: gzipAtOnce,
  });
  const attribute = attributeTo(directories[settings.directory]);
  const read = hitReader({ timeField: '@timestamp', attribute });
  const subscriptions = settings.revisions.map(({ revision }) => revision.subscription);
  const remainingMs = (): number => (run.patience > 0 && run.calls >= run.patience ? 0 : Number.POSITIVE_INFINITY);
  const segment = { events: world.traits.segmentEvents, bytes: 1_000_000 };
  const telemetry: Telemetry = {
    pullRun: (line) => void witness.pulls.push(line),
    attempt: () => {},
    deliverRun: () => {},
    reconcileRun: (line) => void witness.reconciliations.push(line),
    alert: ({ text }) => scheduler.say(`${run.name}: error: ${text}`),
    notice: (level, message) => scheduler.say(`${run.name}: ${level}: ${message}`),
  };

  const deliver = async (id: string): Promise<void> => {
    const found = settings.revisions.find(({ member }) => member.id === id);
    if (!found) return;
    const receive = (request: Parameters<Parameters<typeof destinationOf>[2]['receive']>[0]): void => {
      witness.requests.push({ ...request, round: witness.round });
    };
    const destination = destinationOf(run, scheduler, { ...found, receive });
    await deliverSubscription(
      { journal, records, clock, destination, telemetry, random: () => 0.5 },
      found.revision.subscription,
      { remainingMs },
    );
  };

  /** As a management call does it: read, decide, store, and decide anew when somebody else was first. */
  const change = async (
    id: string,
    decide: (state: SubscriptionState, subscription: Subscription) => SubscriptionState,
  ): Promise<void> => {
    const subscription = subscriptions.find((each) => each.id === id);
    for (let stored = 'conflict'; subscription && stored === 'conflict'; ) {
      const { state, version } = await loadState({ journal, records }, subscription);
      if (version === 0) return;
      stored = await storeState(records, id, decide(state, subscription), version, clock.nowMs());
    }
  };

  return {
    pull: async () => {
      await registerSubscriptions({ journal, records }, subscriptions);
      return pullSource(
        { source: sourceOf(world, run), journal, records, clock, read, telemetry },
        { start: { kind: 'beginning' }, overlapMs, remainingMs, segment },
      );
    },
    deliver,
    reconcile: (rung) =>
      reconcileSource(
        { source: sourceOf(world, run), journal, records, clock, read, telemetry },
        { horizonMs, remainingMs, segment, ...(rung && { rung }) },
      ),
    backfill: async (fromMs) => {
      if (witness.watermark === undefined || msOf(witness.watermark) <= fromMs) return undefined;
      // The checkpoint may have been put back meanwhile: then there is nothing yet to bring, and it says so.
      return backfill(
        { source: sourceOf(world, run), journal, records, clock, read },
        { from: instantFromMs(fromMs), to: instantFromMs(clock.nowMs()), remainingMs, segment },
      ).catch((error: unknown) => {
        if (error instanceof OperatorMustFix && error.message.startsWith('Pull has come to')) return undefined;
        throw error;
      });
    },
    wake: async () => {
      const queue = parkedQueue(run, scheduler, world.queue);
      await wakeSubscriptions({ journal, records, clock, queue, roster: aRoster(subscriptions, records) });
      for (const id of world.queue.take()) await deliver(id);
    },
    reattribute: async () => {
      await reattribute({ journal, clock, attribute }, { remainingMs, limits: { events: 3, bytes: 1_000_000 } });
    },
    pause: (id) =>
      change(id, (state) => pausedState(state, { by: 'operator', sinceMs: clock.nowMs(), reason: undefined })),
    resume: async (id) => {
      witness.lettingGo.set(id, (witness.lettingGo.get(id) ?? 0) + 1);
      await change(id, (state, subscription) =>
        resumedState(state, { subscription, token: newChallengeToken(), nowMs: clock.nowMs() }),
      );
      witness.lettingGo.set(id, (witness.lettingGo.get(id) ?? 0) - 1);
    },
  };
};

/** The real adapter, whose requests end at the simulated engine. */
const sourceOf = ({ engine, scheduler }: SimulatedWorld, run: Run) =>
  elasticsearchSource({
    id: sourceId,
    url: 'http://engine.example.com:9200',
    index: 'closer*',
    timeField: '@timestamp',
    secrets: memorySecrets(),
    clock: clockOf(run, scheduler),
    wire: wireTo((operation, request) =>
      scheduler.call(run, {
        operation,
        target: operation === 'source.look' ? request.path : operationDetail(request.body),
        perform: (mishap) => engine.answer(request, mishap as EngineMishap | undefined),
        lost: noAnswer,
      }),
    ),
  });

const operationDetail = ({
  size,
  search_after: after,
  query,
}: {
  size?: number;
  search_after?: unknown;
  query?: unknown;
}) => [size, JSON.stringify(after), JSON.stringify(query)].filter((part) => part !== undefined).join(' ');

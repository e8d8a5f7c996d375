/** Many subscriptions made by the API, ten of each tenant, of whom few have something to do; and what a tick asks of the store for them. */
import { storedId } from '../../shared/core/stored-subscription.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { freshState, type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { storeState } from '../../shared/flows/deliver/load-state.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { pullSource } from '../../shared/flows/pull-source.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import { wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { type Counted, countingRecords } from './counting-records.ts';
import { storeAsApi } from './stored-subscriptions.ts';
import { aHit, aSubscription, plainRead, recordingTelemetry } from './world.ts';

export interface Tick {
  readonly woken: readonly string[];
  readonly counted: Counted;
  readonly ms: number;
}

const ofEach = 10;

export const aCrowd = async (store: RecordStore, { subscriptions }: { readonly subscriptions: number }) => {
  const clock = recordingClock({ startMs: Date.parse('2026-03-01T12:00:00Z') });
  const source = memorySource({ id: 'closer', clock });
  const journal = openJournal({ store: memoryBlobStore(), source: 'closer' });
  const secrets = memorySecrets({ rootKey: 'r'.repeat(44) });
  const { records, take } = countingRecords(store);
  const ofFile = aSubscription({ id: 'operator', tenant: '*' });
  const roster = openRoster({ records, secrets, fromFile: [ofFile] });
  const { telemetry } = recordingTelemetry();

  const ids = Array.from({ length: subscriptions }, (_, n) => storedId(tenantOf(n), lettersOf(n)));
  for (const [n, id] of ids.entries()) {
    await storeAsApi({ records: store, secrets }, subscriptionOf(id, tenantOf(n)));
    await storeState(store, id, freshState({ segment: 1, index: 0 }), 0, undefined);
  }

  /** What every run of the schedule does beside its pull. */
  const tick = async (): Promise<Tick> => {
    const woken: string[] = [];
    const queue = { wake: async (id: string) => void woken.push(id) };
    take();
    const startedMs = performance.now();
    await registerSubscriptions({ journal, records }, roster.fromFile);
    await wakeSubscriptions({ journal, records, roster, queue, clock });
    return { woken, counted: take(), ms: performance.now() - startedMs };
  };

  const setDue = async (of: readonly string[], dueAtMs: number | undefined): Promise<void> => {
    for (const id of of) {
      const record = await store.get(subscriptionPartition, id);
      if (record) await storeState(store, id, record.value as SubscriptionState, record.version, dueAtMs);
    }
  };

  return {
    ids,
    clock,
    tick,
    /** One event of each of the first `tenants` tenants, journaled. */
    news: async (tenants: number): Promise<void> => {
      clock.advance(1_000);
      const time = new Date(clock.nowMs()).toISOString();
      for (let n = 0; n < tenants; n += 1) source.add(aHit(`${n} ${time}`, time, tenantOf(n * ofEach)));
      await pullSource(
        { source, journal, records: store, clock, read: plainRead, telemetry },
        { start: { kind: 'beginning' }, overlapMs: 300_000, remainingMs: () => Number.POSITIVE_INFINITY },
      );
    },
    /** A retry of the first `count` is due now. */
    falling: (count: number): Promise<void> => setDue(ids.slice(0, count), clock.nowMs()),
    /** As if everybody who is due had been delivered to. */
    settle: async (): Promise<void> => setDue(await store.due(subscriptionPartition, clock.nowMs(), 1000), undefined),
  };
};

const subscriptionOf = (id: string, tenant: string): Subscription =>
  aSubscription({ id, tenant, destination: { type: 'webhook', url: 'https://hooks.acme.example/in' } });

const tenantOf = (n: number): string => `tenant-${Math.floor(n / ofEach)}`;

const lettersOf = (n: number): string =>
  [...n.toString(8).padStart(12, '0')].map((digit) => 'abcdefgh'.at(Number(digit)) ?? 'a').join('');

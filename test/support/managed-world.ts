/** What the management calls work with, over fakes: a journal of `acme` and `bolt`, and one receiver for all that is sent. */
import type { Batch } from '../../shared/core/batch.ts';
import { RetryLater } from '../../shared/core/errors.ts';
import { everyTenant } from '../../shared/core/event.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import type { SubscriptionState } from '../../shared/core/subscription-state.ts';
import { type DeliverOptions, deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import type { Answer } from '../../shared/flows/manage/answer.ts';
import { openAuditJournal } from '../../shared/flows/manage/audit-journal.ts';
import type { Caller } from '../../shared/flows/manage/caller.ts';
import { createSubscription } from '../../shared/flows/manage/create-subscription.ts';
import type { ManageDeps } from '../../shared/flows/manage/manage-deps.ts';
import { readAudit } from '../../shared/flows/manage/read-audit.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import { Crash, type MemoryDestination, memoryDestination } from '../fakes/memory-destination.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aWorld, hitsFrom } from './world.ts';

export const noon = '2026-03-01T11:00:00Z';
export const ofAcme: Caller = { tenant: 'acme', by: 'a1', scopes: ['subscriptions:write', 'keys:write'] };
export const ofBolt: Caller = { tenant: 'bolt', by: 'b1', scopes: ['subscriptions:write', 'keys:write'] };
export const operator: Caller = { tenant: everyTenant, by: 'operator', scopes: ['operator'] };

/** The path and the header of it are secrets. */
export const hiddenPath = 'hidden-path-7f3a';
export const hiddenHeader = 'hidden-header-91bc';
export const aWebhookBody = {
  description: 'SOC',
  start: 'beginning',
  batch: { maxEvents: 2 },
  destination: {
    type: 'webhook',
    url: `https://hooks.acme.example/${hiddenPath}`,
    headers: { 'X-Team': hiddenHeader },
  },
};

export const doneOf = <Value>(answer: Answer<Value>): Value => {
  if (answer.kind === 'done') return answer.value;
  throw new Error(`refused: ${JSON.stringify(answer)}`);
};

/** `event.id` of what these batches hold, in order. */
export const idsIn = (batches: readonly Batch[]): readonly string[] =>
  batches.flatMap(({ lines }) =>
    lines.map((line) => (JSON.parse(Buffer.from(line).toString()) as { event: { id: string } }).event.id),
  );

/** Work of a process that may die: that it died is no failure. */
export const dying = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof RetryLater || error instanceof Crash)) throw error;
  }
};

export const managedWorld = async (
  options: { readonly events?: number; readonly fromFile?: readonly Subscription[] } = {},
) => {
  const { events = 7, fromFile = [] } = options;
  const world = aWorld({ hits: [...hitsFrom(noon, events), ...hitsFrom(noon, 3, 1000, 'bolt')] });
  if (events > 0) await world.pull();
  const secrets = memorySecrets({ rootKey: 'a root key of thirty-two characters or more' });
  const receiver: MemoryDestination = memoryDestination();
  /** A process: it remembers nothing of the one before. */
  const deps = (): ManageDeps => ({
    roster: openRoster({ records: world.records, secrets, fromFile }),
    records: world.records,
    journal: world.journal(),
    audit: openAuditJournal(world.blobs),
    secrets,
    clock: world.clock,
    queue: world.queue,
    telemetry: world.telemetry,
    rules: { allowPrivateTargets: [] },
    destinationOf: async () => receiver,
  });
  const subscriptionOf = async (id: string): Promise<Subscription | undefined> => deps().roster.get(id);
  return {
    ...world,
    secrets,
    receiver,
    deps,
    subscriptionOf,
    /** Delivers to it, if it is there. */
    run: async (id: string, to: MemoryDestination = receiver, overrides: Partial<DeliverOptions> = {}) => {
      const subscription = await subscriptionOf(id);
      if (!subscription) return undefined;
      const { roster, journal, records, clock, telemetry } = deps();
      return deliverSubscription(
        { journal, records, clock, destination: to, telemetry, roster, random: () => 0.5 },
        subscription,
        { remainingMs: () => Number.POSITIVE_INFINITY, ...overrides },
      );
    },
    create: async (body: object = {}, caller: Caller = ofAcme) =>
      doneOf(await createSubscription(deps(), caller, { ...aWebhookBody, ...body })),
    state: async (id: string): Promise<SubscriptionState> =>
      (await world.records.get('subscription', id))?.value as SubscriptionState,
    /** Actions of all changes, in the order in which they were journaled. */
    audited: async (caller: Caller = operator): Promise<readonly string[]> =>
      (await readAudit(deps(), caller, { limit: 100 })).items.map(({ event }) => event.action),
    /** What does not add up, in words. */
    imbalances: async (): Promise<readonly string[]> => (await readStatus(deps(), await deps().roster.all())).problems,
    /** `event.id` of all that was accepted, in order, repeated batches too. */
    received: () => idsIn(receiver.accepted),
  };
};

export type ManagedWorld = Awaited<ReturnType<typeof managedWorld>>;

/**
 * Every request that takes an `Idempotency-Key` loses each of its answers from a store, or dies there, and is repeated under the same key at
 * once and a minute later: whatever it is told, what it asks for is done at most once.
 */
import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { attributeNone } from '../../shared/core/tenants.ts';
import { flushAudit } from '../../shared/flows/manage/audited-write.ts';
import { listDeadLetters } from '../../shared/flows/manage/dead-letters.ts';
import { pauseSubscription } from '../../shared/flows/manage/pause-subscription.ts';
import { sweepSubscriptions } from '../../shared/flows/manage/sweep-subscriptions.ts';
import { manageApp } from '../../shared/http/manage-app.ts';
import type { FaultPoint } from '../fakes/faults.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { aWebhookBody, doneOf, idsIn, type ManagedWorld, managedWorld, ofAcme } from '../support/managed-world.ts';
import { storeKey } from '../support/store-key.ts';
import { hitsFrom, idsOf } from '../support/world.ts';

interface Request {
  /** The action of its audit event. */
  readonly name: string;
  /** What is there before; its id. */
  readonly before: (world: ManagedWorld) => Promise<string>;
  readonly path: (id: string) => string;
  readonly body?: object;
  /** What the answer holds that is not shown again. */
  readonly holds?: RegExp;
}

const one = '/v1/subscriptions';
const nothing = async (): Promise<string> => '';

const proven = async (world: ManagedWorld): Promise<string> => {
  const { id } = (await world.create()).subscription;
  await world.run(id, memoryDestination());
  return id;
};

const paused = async (world: ManagedWorld): Promise<string> => {
  const id = await proven(world);
  await pauseSubscription(world.deps(), ofAcme, id);
  return id;
};

/** A subscription and its only dead letter, as a path. */
const refused = async (world: ManagedWorld): Promise<string> => {
  const { id } = (await world.create()).subscription;
  const [poisoned = ''] = idsOf(hitsFrom('2026-03-01T11:00:00Z', 7));
  const otherwise: NonNullable<Parameters<typeof memoryDestination>[0]>['otherwise'] = (batch) =>
    idsIn([batch]).includes(poisoned) ? 'poison' : 'delivered';
  await world.run(id, memoryDestination({ otherwise }));
  const [letter] = doneOf(await listDeadLetters(world.deps(), ofAcme, id, { limit: 1 })).items;
  return `${id}/dead-letters/${letter?.id}`;
};

const requests: readonly Request[] = [
  { name: 'subscription-created', before: nothing, path: () => one, body: aWebhookBody, holds: /"whsec_/ },
  { name: 'subscription-tested', before: proven, path: (id) => `${one}/${id}/test` },
  { name: 'subscription-paused', before: proven, path: (id) => `${one}/${id}/pause` },
  { name: 'subscription-resumed', before: paused, path: (id) => `${one}/${id}/resume` },
  { name: 'secret-rotated', before: proven, path: (id) => `${one}/${id}/rotate-secret`, holds: /"whsec_/ },
  { name: 'subscription-replayed', before: proven, path: (id) => `${one}/${id}/replay`, body: { from: 1 } },
  { name: 'dead-letter-retried', before: refused, path: (letter) => `${one}/${letter}/retry` },
  {
    name: 'dead-letter-discarded',
    before: refused,
    path: (letter) => `${one}/${letter}/discard`,
    body: { reason: 'no use' },
  },
  {
    name: 'key-created',
    before: nothing,
    path: () => '/v1/keys',
    body: { scopes: ['subscriptions:read'] },
    holds: /"sluice_/,
  },
];

const appOf = (world: ManagedWorld): Hono =>
  manageApp({
    ...world.deps(),
    file: { attribute: attributeNone, ids: undefined, directory: { tenants: [] } },
    mostPollWaitMs: 0,
  });

type Fault = { readonly point: FaultPoint; readonly process: 'lives' | 'dies' };

const faults: readonly Fault[] = [
  { point: 'before', process: 'lives' },
  { point: 'after', process: 'lives' },
  { point: 'before', process: 'dies' },
];

const reads = ['get', 'range', 'list'];

/** The n-th call of a store fails, and every later one too if the process dies. @returns the calls that were made, by name */
const failingAt = async (world: ManagedWorld, n: number, { point, process }: Fault, run: () => Promise<void>) => {
  const calls: string[] = [];
  const decide = (operation: string): FaultPoint | undefined => {
    calls.push(operation);
    return calls.length === n ? point : calls.length > n && process === 'dies' ? 'before' : undefined;
  };
  const stores = [world.records, world.blobs, world.queue];
  for (const store of stores) store.failWhen(decide);
  await run();
  for (const store of stores) store.failWhen(() => undefined);
  return calls;
};

const repeated = async ({ before, path, body }: Request, n: number, fault: Fault) => {
  const world = await managedWorld({ events: 3 });
  const id = await before(world);
  const key = (await storeKey(world, { tenant: 'acme', scopes: ['subscriptions:write', 'keys:write'] })).text;
  const app = appOf(world);
  const send = async () => {
    const answer = await app.request(`https://api.example.com${path(id)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'same' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const answers: Awaited<ReturnType<typeof send>>[] = [];
  const probesBefore = world.receiver.probes.length;
  const calls = await failingAt(world, n, fault, async () => void answers.push(await send()));
  answers.push(await send());
  world.clock.advance(61_000);
  answers.push(await send());
  world.clock.advance(2 * 3_600_000);
  await flushAudit(world.deps());
  await sweepSubscriptions(world.deps());
  return { world, calls, answers, messages: world.receiver.probes.length - probesBefore };
};

describe.each(requests)('$name', (request) => {
  it.each(faults)(
    'is done at most once when a store fails $point it did what it was asked, and the process $process',
    async (fault) => {
      const { calls: whole } = await repeated(request, 0, { ...fault, process: 'lives' });
      for (let n = 1; n <= whole.length; n += 1) {
        const isRead = reads.includes(whole[n - 1] ?? '');
        // A read whose answer is lost is the same before and after.
        if (isRead && fault.point === 'after') continue;
        const { world, answers, messages } = await repeated(request, n, fault);
        const told = `call ${n} (${whole[n - 1]}): ${answers.map(({ status }) => status).join(', ')}`;
        const times = (await world.audited()).filter((action) => action === request.name).length;
        const isDone = answers.some(({ status }) => status < 300);
        expect(times, told).toBeLessThanOrEqual(1);
        expect(messages, told).toBeLessThanOrEqual(1);
        if (isDone) expect(times, told).toBe(1);
        for (const { status, text } of answers) {
          expect([200, 201, 204, 409, 429, 503], told).toContain(status);
          if (status < 300 && request.holds) expect(text, told).toMatch(request.holds);
        }
        // A message that is sent cannot be called back: a read that is lost afterwards leaves it without its record.
        if (isRead && fault.process === 'lives' && messages === 0) expect(isDone, told).toBe(true);
      }
    },
  );
});

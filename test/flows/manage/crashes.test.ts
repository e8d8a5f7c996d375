/**
 * Every management call dies at every one of its steps, before it took effect or after; then a later process looks after what was left. A
 * change and its audit event are both there or neither is, and nothing is delivered that nobody proved.
 */
import { describe, expect, it } from 'vitest';
import { flushAudit } from '../../../shared/flows/manage/audited-write.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import { createSubscription } from '../../../shared/flows/manage/create-subscription.ts';
import { deleteSubscription } from '../../../shared/flows/manage/delete-subscription.ts';
import { createKey, listKeys, revokeKey } from '../../../shared/flows/manage/keys.ts';
import { pauseSubscription, resumeSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import { listSubscriptions, readSubscription } from '../../../shared/flows/manage/read-subscriptions.ts';
import { rotateSecret } from '../../../shared/flows/manage/rotate-secret.ts';
import { sweepSubscriptions } from '../../../shared/flows/manage/sweep-subscriptions.ts';
import type { FaultPoint } from '../../fakes/faults.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { aWebhookBody, doneOf, dying, type ManagedWorld, managedWorld, ofAcme } from '../../support/managed-world.ts';

interface Call {
  readonly name: string;
  /** What is there before, delivered and proven; its id. */
  readonly before: (world: ManagedWorld) => Promise<string>;
  readonly run: (world: ManagedWorld, id: string) => Promise<unknown>;
  readonly isMade: (world: ManagedWorld, id: string) => Promise<boolean>;
}

const proven = async (world: ManagedWorld): Promise<string> => {
  const { id } = (await world.create()).subscription;
  await world.run(id, memoryDestination());
  return id;
};
const view = async (world: ManagedWorld, id: string) => doneOf(await readSubscription(world.deps(), ofAcme, id));
const moved = { destination: { url: 'https://other.acme.example/elsewhere', headers: null } };

const calls: readonly Call[] = [
  {
    name: 'subscription-created',
    before: async () => '',
    run: (world) => createSubscription(world.deps(), ofAcme, aWebhookBody),
    isMade: async (world) => (await listSubscriptions(world.deps(), ofAcme, { limit: 10 })).items.length === 1,
  },
  {
    name: 'subscription-changed',
    before: proven,
    run: (world, id) => changeSubscription(world.deps(), ofAcme, id, { description: 'new' }),
    isMade: async (world, id) => (await view(world, id)).description === 'new',
  },
  {
    name: 'subscription-changed',
    before: proven,
    run: (world, id) => changeSubscription(world.deps(), ofAcme, id, moved),
    isMade: async (world, id) => JSON.stringify(await view(world, id)).includes('other.acme.example'),
  },
  {
    name: 'subscription-deleted',
    before: proven,
    run: (world, id) => deleteSubscription(world.deps(), ofAcme, id),
    isMade: async (world, id) => (await readSubscription(world.deps(), ofAcme, id)).kind === 'not found',
  },
  {
    name: 'subscription-paused',
    before: proven,
    run: (world, id) => pauseSubscription(world.deps(), ofAcme, id),
    isMade: async (world, id) => (await view(world, id)).state === 'paused',
  },
  {
    name: 'subscription-resumed',
    before: async (world) => {
      const id = await proven(world);
      await pauseSubscription(world.deps(), ofAcme, id);
      return id;
    },
    run: (world, id) => resumeSubscription(world.deps(), ofAcme, id),
    isMade: async (world, id) => (await view(world, id)).state === 'active',
  },
  {
    name: 'secret-rotated',
    before: proven,
    run: (world, id) => rotateSecret(world.deps(), ofAcme, id),
    isMade: async (world, id) => (await view(world, id)).secret?.version === 2,
  },
  {
    name: 'key-created',
    before: async () => '',
    run: (world) => createKey(world.deps(), ofAcme, { scopes: ['subscriptions:read'] }),
    isMade: async (world) => (await listKeys(world.deps(), ofAcme, { limit: 10 })).items.length === 1,
  },
  {
    name: 'key-revoked',
    before: async (world) => {
      const made = await createKey(world.deps(), ofAcme, { scopes: ['subscriptions:read'] });
      return doneOf(made).key.id;
    },
    run: (world, id) => revokeKey(world.deps(), ofAcme, id),
    isMade: async (world) => (await listKeys(world.deps(), ofAcme, { limit: 1 })).items[0]?.state === 'revoked',
  },
];

/** The process dies at its n-th call of a store: nothing after it takes effect. @returns whether it lived that long */
const dyingAt = async (world: ManagedWorld, n: number, point: FaultPoint, run: () => Promise<unknown>) => {
  let asked = 0;
  const decide = (): FaultPoint | undefined => {
    asked += 1;
    return asked < n ? undefined : asked === n ? point : 'before';
  };
  for (const store of [world.records, world.blobs, world.queue]) store.failWhen(decide);
  await dying(run());
  for (const store of [world.records, world.blobs, world.queue]) store.failWhen(() => undefined);
  return asked >= n;
};

const lookAfter = async (world: ManagedWorld): Promise<void> => {
  world.clock.advance(2 * 3_600_000);
  await flushAudit(world.deps());
  await sweepSubscriptions(world.deps());
  await flushAudit(world.deps());
};

const dies = async (call: Call, n: number, point: FaultPoint) => {
  const world = await managedWorld();
  const id = await call.before(world);
  const lived = await dyingAt(world, n, point, () => call.run(world, id));
  await lookAfter(world);
  return { world, id, lived };
};

describe.each(calls)('$name, dying at each of its steps', (call) => {
  it.each(['before', 'after'] as const)('(%s it took effect) is made and audited once, or neither', async (point) => {
    const made = new Set<boolean>();
    for (let n = 1; ; n += 1) {
      const { world, id, lived } = await dies(call, n, point);
      const isMade = await call.isMade(world, id);
      const events = (await world.audited()).filter((action) => action === call.name);
      expect({ step: n, isMade, events: events.length }).toEqual({ step: n, isMade, events: isMade ? 1 : 0 });
      const left = world.records.records().filter(({ partition }) => ['change', 'unfinished'].includes(partition));
      expect(left, `notes left at step ${n}`).toEqual([]);
      made.add(isMade);
      if (!lived) break;
    }
    expect([...made].sort()).toEqual([false, true]);
  });

  it('may be asked for again, and then is made', async () => {
    for (let n = 1; ; n += 1) {
      const { world, id, lived } = await dies(call, n, 'after');
      if (!(await call.isMade(world, id))) await call.run(world, id);
      expect(await call.isMade(world, id), `step ${n}`).toBe(true);
      if (!lived) break;
    }
  });
});

describe('whatever step a call dies at', () => {
  it('the change after it does not wipe out its audit event', async () => {
    for (let n = 1; ; n += 1) {
      const world = await managedWorld();
      const id = await proven(world);
      const lived = await dyingAt(world, n, 'after', () => pauseSubscription(world.deps(), ofAcme, id));
      const isPaused = (await view(world, id)).state === 'paused';
      await resumeSubscription(world.deps(), ofAcme, id);
      await lookAfter(world);
      const expected = isPaused ? ['subscription-paused', 'subscription-resumed'] : ['subscription-resumed'];
      expect(await world.audited(), `step ${n}`).toEqual(['subscription-created', ...expected]);
      if (!lived) break;
    }
  });

  it('a creation leaves nothing that delivers without a challenge, and no state without its subscription', async () => {
    for (const point of ['before', 'after'] as const)
      for (let n = 1; ; n += 1) {
        const [create] = calls;
        if (!create) throw new Error('the first call creates');
        const { world, lived } = await dies(create, n, point);
        const kept = await world.deps().roster.all();
        const states = world.records.records().filter(({ partition }) => partition === 'subscription');
        expect(states.map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
        for (const { id } of kept) {
          const silent = memoryDestination({ onProbe: () => ({ kind: 'retry', answer: 'no token' }) });
          await world.run(id, silent);
          expect(silent.attempts).toEqual([]);
          expect(silent.probes).toHaveLength(1);
        }
        if (!lived) break;
      }
  });

  it('a change of the URL sends nothing to the new one that it has not proven, however it goes on', async () => {
    for (const point of ['before', 'after'] as const)
      for (let n = 1; ; n += 1) {
        const world = await managedWorld();
        const id = await proven(world);
        const lived = await dyingAt(world, n, point, () => changeSubscription(world.deps(), ofAcme, id, moved));
        for (const hit of [0, 1, 2])
          world.source.add({
            _index: 'closer',
            _id: `late-${hit}`,
            _source: { '@timestamp': new Date(world.clock.nowMs()).toISOString(), tenant: 'acme' },
          });
        await world.pull();
        const isMoved = JSON.stringify(await view(world, id)).includes('other.acme.example');
        const silent = memoryDestination({ onProbe: () => ({ kind: 'retry', answer: 'no token' }) });
        await world.run(id, silent);
        await resumeSubscription(world.deps(), ofAcme, id);
        await world.run(id, silent);
        if (isMoved) expect(silent.attempts, `step ${n}, ${point}`).toEqual([]);
        await resumeSubscription(world.deps(), ofAcme, id);
        await world.run(id);
        const received = [...silent.accepted, ...world.receiver.accepted].flatMap(({ lines }) => lines);
        expect(received, `step ${n}, ${point}`).toHaveLength(3);
        if (!lived) break;
      }
  });

  it('a deletion that is asked for again, or swept, leaves nothing', async () => {
    const deletion = calls.find(({ name }) => name === 'subscription-deleted');
    if (!deletion) throw new Error('one call deletes');
    for (let n = 1; ; n += 1) {
      const { world, id, lived } = await dies(deletion, n, 'after');
      await deleteSubscription(world.deps(), ofAcme, id);
      await lookAfter(world);
      const left = world.records
        .records()
        .filter(({ partition, id: of }) => of === id || partition.endsWith(`/${id}`))
        .filter(({ partition }) => !partition.startsWith('attempt/'));
      expect(left, `step ${n}`).toEqual([]);
      if (!lived) break;
    }
  });
});

/**
 * Events arrive, users become known or move to another tenant, pulls and reattributions run, lose answers and die, in any order. Then a
 * quiet time with the directory as it is: each event has reached one tenant, once, or none, and the operator once.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import { type EcsEvent, everyTenant, type Hit, unattributed } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import type { Attribute } from '../../shared/core/tenants.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { reattribute } from '../../shared/flows/reattribute.ts';
import { type MemoryDestination, memoryDestination } from '../fakes/memory-destination.ts';
import { aSubscription, aWorld } from '../support/world.ts';

const tenants = ['acme', 'bolt'] as const;
const users = ['ada', 'ben', 'eve'] as const;

/** Which call of the run loses its answer, and when. */
interface Fault {
  readonly call: number;
  readonly point: 'before' | 'after' | 'none';
}

type Move =
  | { readonly kind: 'write'; readonly user: (typeof users)[number]; readonly count: number }
  | { readonly kind: 'know'; readonly user: (typeof users)[number]; readonly tenant: (typeof tenants)[number] | '' }
  | { readonly kind: 'pull' | 'again' | 'both'; readonly fault: Fault }
  | { readonly kind: 'deliver' };

const fault = fc.record({ call: fc.nat(25), point: fc.constantFrom('before', 'after', 'none') });
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant('write'), user: fc.constantFrom(...users), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('know'), user: fc.constantFrom(...users), tenant: fc.constantFrom(...tenants, '') }),
  fc.record({ kind: fc.constantFrom('pull', 'again', 'both'), fault }),
  fc.record({ kind: fc.constant('deliver') }),
);

const subscriptions = [...tenants, everyTenant].map((tenant) =>
  aSubscription({ id: `of-${tenant === everyTenant ? 'operator' : tenant}`, tenant }),
);

const play = async (moves: readonly Move[]) => {
  const known = new Map<string, string>();
  const attribute: Attribute = (evidence) => known.get(evidence.users[0] ?? '') ?? unattributed;
  const world = aWorld({ read: hitReader({ timeField: '@timestamp', attribute: (evidence) => attribute(evidence) }) });
  const receivers = subscriptions.map(() => memoryDestination());
  const written: { readonly id: string; readonly user: string }[] = [];
  const again = () =>
    reattribute(
      { journal: world.journal(), clock: world.clock, attribute },
      { remainingMs: () => Number.POSITIVE_INFINITY, limits: { bytes: 100_000, events: 3 } },
    );
  const deliverAll = async () => {
    for (const [at, subscription] of subscriptions.entries())
      await world.deliver(subscription, receivers[at] as MemoryDestination);
  };
  const faulty = async ({ call, point }: Fault, run: () => Promise<unknown>): Promise<void> => {
    let calls = 0;
    world.blobs.failWhen(() => (point !== 'none' && calls++ === call ? point : undefined));
    await run().catch((error: unknown) => {
      if (!(error instanceof RetryLater)) throw error;
    });
    world.blobs.failWhen(() => undefined);
  };

  for (const [n, one] of moves.entries()) {
    world.clock.advance(1_000);
    switch (one.kind) {
      case 'write':
        for (let copy = 0; copy < one.count; copy += 1) {
          const id = `${one.user}-${n}-${copy}`;
          world.source.add(hitOf(one.user, id, world.clock.nowMs()));
          written.push({ id: `closer/${id}`, user: one.user });
        }
        break;
      case 'know':
        if (one.tenant === '') known.delete(one.user);
        else known.set(one.user, one.tenant);
        break;
      case 'pull':
        await faulty(one.fault, () => world.pull());
        break;
      case 'again':
        await faulty(one.fault, again);
        break;
      case 'both':
        await faulty(one.fault, () => Promise.allSettled([world.pull(), again(), again()]));
        break;
      case 'deliver':
        await deliverAll();
        break;
      default:
        one satisfies never;
    }
  }
  world.clock.advance(1_000);
  await world.pull();
  await again();
  await deliverAll();
  return { world, receivers, written, known };
};

const hitOf = (user: string, id: string, atMs: number): Hit => ({
  _index: 'closer',
  _id: id,
  _source: { '@timestamp': new Date(atMs).toISOString(), message: { 'user.id': user } },
});

const idsIn = (receiver: MemoryDestination | undefined): readonly string[] =>
  (receiver?.lines() ?? []).map((line) => (JSON.parse(line) as EcsEvent).event.id);

describe('whatever the directory says when, and whatever dies', () => {
  it('each event reaches one tenant at most, once, as soon as one is known, and the operator once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 3, maxLength: 25 }), async (moves) => {
        const { world, receivers, written, known } = await play(moves);
        const [acme, bolt, operator] = receivers.map(idsIn);
        expect([...(operator ?? [])].sort()).toEqual(written.map(({ id }) => id).sort());
        const owned = [...(acme ?? []), ...(bolt ?? [])];
        expect(new Set(owned).size, 'nothing twice, nothing of both').toBe(owned.length);
        for (const { id, user } of written) if (known.has(user)) expect(owned).toContain(id);
        const deps = { journal: world.journal(), records: world.records, clock: world.clock };
        const { source, problems } = await readStatus(deps, subscriptions);
        expect(problems).toEqual([]);
        expect(source).toMatchObject({ events: written.length, unattributed: written.length - owned.length });
      }),
      { numRuns: 150 },
    );
  });
});

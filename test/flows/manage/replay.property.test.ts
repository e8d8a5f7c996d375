/** Replays, letters and pauses among deliveries that fail and die: nothing is skipped, and at every moment all accounts add up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBefore } from '../../../shared/core/replay.ts';
import { sha256Hex } from '../../../shared/core/segment.ts';
import { deadLetterPartition, type SubscriptionState } from '../../../shared/core/subscription-state.ts';
import { letterIn } from '../../../shared/flows/deliver/dead-letters.ts';
import { listDeadLetters, retryDeadLetter } from '../../../shared/flows/manage/dead-letters.ts';
import { pauseSubscription, resumeSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import { replaySubscription } from '../../../shared/flows/manage/replay-subscription.ts';
import type { FaultPoint } from '../../fakes/faults.ts';
import { memoryDestination, type Step } from '../../fakes/memory-destination.ts';
import { doneOf, dying, idsIn, type ManagedWorld, managedWorld, ofAcme } from '../../support/managed-world.ts';
import { aHit } from '../../support/world.ts';

const begin = Date.parse('2026-03-01T12:00:00Z');

type Move =
  | { readonly kind: 'write'; readonly tenant: string; readonly count: number; readonly ageMs: number }
  | { readonly kind: 'deliver'; readonly step: Step; readonly call: number; readonly point: FaultPoint | 'none' }
  | { readonly kind: 'replay'; readonly from: number; readonly length: number }
  | { readonly kind: 'span'; readonly fromMs: number; readonly lengthMs: number }
  | { readonly kind: 'retry' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write'),
      tenant: fc.constantFrom('acme', 'acme', 'bolt'),
      count: fc.integer({ min: 1, max: 4 }),
      ageMs: fc.nat(600_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('deliver'),
      step: fc.constantFrom<Step>('delivered', 'retry', 'answer lost', 'crash after', 'poison', 'too large'),
      call: fc.nat(30),
      point: fc.constantFrom('before', 'after', 'none', 'none'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('replay'), from: fc.integer({ min: 1, max: 6 }), length: fc.nat(3) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('span'), fromMs: fc.nat(4_000_000), lengthMs: fc.nat(4_000_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('retry') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('resume') }) },
);

const play = async (moves: readonly Move[]) => {
  const world = await managedWorld({ events: 0 });
  const { id } = (await world.create()).subscription;
  const written: string[] = [];
  const beyondEnd: string[] = [];
  let next: Step = 'delivered';
  const receiver = memoryDestination({
    otherwise: (batch) => {
      const { replay, claim } = stateIn(world, id);
      if (replay?.resume && claim && isBefore(replay.until, claim.end)) beyondEnd.push(...idsIn([batch]));
      const step = next;
      next = 'delivered';
      return step;
    },
  });

  for (const [n, one] of moves.entries()) {
    switch (one.kind) {
      case 'write':
        for (let copy = 0; copy < one.count; copy += 1) {
          const time = new Date(world.clock.nowMs() - one.ageMs).toISOString();
          world.source.add(aHit(`e${n}-${copy}`, time, one.tenant), { visibleAtMs: world.clock.nowMs() });
          if (one.tenant === 'acme') written.push(`closer/e${n}-${copy}`);
        }
        await world.pull();
        await world.reconcile({ rung: 'horizon' });
        break;
      case 'deliver': {
        let calls = 0;
        const { point } = one;
        const decide = () => (point !== 'none' && calls++ >= one.call ? point : undefined);
        next = one.step;
        world.records.failWhen(decide);
        await dying(world.run(id, receiver));
        world.records.failWhen(() => undefined);
        break;
      }
      case 'replay': {
        const { from, length } = one;
        await replaySubscription(world.deps(), ofAcme, id, length === 0 ? { from } : { from, to: from + length });
        break;
      }
      case 'span': {
        const at = (ms: number) => new Date(begin - 600_000 + ms).toISOString();
        const { fromMs, lengthMs } = one;
        await replaySubscription(world.deps(), ofAcme, id, { from: at(fromMs), to: at(fromMs + lengthMs + 1) });
        break;
      }
      case 'retry': {
        const [letter] = doneOf(await listDeadLetters(world.deps(), ofAcme, id, { limit: 1 })).items;
        if (letter) await retryDeadLetter(world.deps(), ofAcme, id, letter.id);
        break;
      }
      case 'pause':
        await pauseSubscription(world.deps(), ofAcme, id);
        break;
      case 'resume':
        await resumeSubscription(world.deps(), ofAcme, id);
        break;
      default:
        one satisfies never;
    }
    expect(await world.imbalances()).toEqual([]);
    world.clock.advance(400_000);
  }
  next = 'delivered';
  for (let round = 0; round < 3; round += 1) {
    await resumeSubscription(world.deps(), ofAcme, id);
    world.clock.advance(3_600_000);
    await world.run(id, receiver);
  }
  const kept = await world.records.range(deadLetterPartition(id), { limit: 100 });
  const letters = kept.flatMap((record) => letterIn(record) ?? []);
  return { world, id, written, receiver, beyondEnd, letters };
};

/** As it is stored this very moment. */
const stateIn = ({ records }: ManagedWorld, id: string): SubscriptionState =>
  records.records().find((record) => record.partition === 'subscription' && record.id === id)
    ?.value as SubscriptionState;

describe('a subscription that is replayed, paused and sent its dead letters again', () => {
  it('misses nothing, ends where it was told to, gives each id one content, and its accounts add up at every moment', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 6, maxLength: 30, size: 'max' }), async (moves) => {
        const { world, id, written, receiver, beyondEnd, letters } = await play(moves);
        expect(beyondEnd).toEqual([]);
        const state = await world.state(id);
        expect(state.replay).toBeUndefined();
        const received = idsIn(receiver.accepted);
        const seen = new Set([...received, ...letters.map(({ event }) => event)]);
        expect([...seen].sort()).toEqual([...new Set(written)].sort());
        const contents = new Map<string, string>();
        for (const batch of receiver.accepted) {
          const content = sha256Hex(JSON.stringify([batch.sequence, batch.previous, batch.lines.map(String)]));
          expect(contents.get(batch.id) ?? content).toBe(content);
          contents.set(batch.id, content);
        }
        const { delivered, deadLetters } = state.counts;
        expect(Math.min(delivered, deadLetters)).toBeGreaterThanOrEqual(0);
        const own = letters.filter(({ account }) => account === (state.account ?? 0));
        expect(own).toHaveLength(deadLetters);
        expect(await world.imbalances()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

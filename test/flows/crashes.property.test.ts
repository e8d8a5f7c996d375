/**
 * Crashes at random moments of every flow, then a quiet time. Whatever happened: every event is in the journal once, reached
 * every subscription that wants it, and each batch id stood for one content.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import { everyTenant } from '../../shared/core/event.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { Crash, type MemoryDestination, memoryDestination, type Step } from '../fakes/memory-destination.ts';
import { aHit, aSubscription, aWorld } from '../support/world.ts';

const tenants = ['acme', 'bolt', '_unattributed'] as const;
const begin = Date.parse('2026-03-01T12:00:00Z');

/** One thing that happens. */
type Move =
  | {
      readonly kind: 'write';
      readonly tenant: number;
      readonly ageMs: number;
      readonly lateMs: number;
      readonly count: number;
    }
  | { readonly kind: 'pull'; readonly fault: Fault }
  | { readonly kind: 'deliver'; readonly who: number; readonly fault: Fault; readonly step: Step }
  | { readonly kind: 'race' }
  | { readonly kind: 'wait'; readonly ms: number };

/** Which call of the run loses its answer, and when. */
interface Fault {
  readonly call: number;
  readonly point: 'before' | 'after' | 'none';
}

const fault = fc.record({
  call: fc.nat(12),
  point: fc.constantFrom('before', 'after', 'none'),
}) satisfies fc.Arbitrary<Fault>;
/** Outcomes that cut a batch anew or bury an event have tests of their own. */
const step = fc.constantFrom<Step>(
  'delivered',
  'retry',
  'answer lost',
  'crash before',
  'crash after',
  'throttled',
  'misconfigured',
);
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write'),
      tenant: fc.nat(2),
      ageMs: fc.nat(60_000),
      lateMs: fc.nat(120_000),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pull'), fault }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver'), who: fc.nat(2), fault, step }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('race') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.nat(400_000) }) },
);

const twos = { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 };
const subscriptions: readonly Subscription[] = [
  aSubscription({ id: 'acme-soc', tenant: 'acme', batch: twos }),
  aSubscription({ id: 'bolt-soc', tenant: 'bolt', batch: twos }),
  aSubscription({ id: 'operator', tenant: everyTenant, batch: { ...twos, maxEvents: 3 } }),
];

const play = async (moves: readonly Move[]) => {
  const world = aWorld({ startMs: begin });
  /** What the next request of a subscription comes to; then everything is accepted. */
  const next = new Map<number, Step>();
  const destinations = subscriptions.map((_, who) =>
    memoryDestination({
      otherwise: () => {
        const step = next.get(who) ?? 'delivered';
        next.delete(who);
        return step;
      },
    }),
  );
  const written: { readonly id: string; readonly tenant: string }[] = [];

  const faulty = async (fault: Fault, run: () => Promise<unknown>): Promise<void> => {
    let calls = 0;
    const decide = () => (fault.point !== 'none' && calls++ === fault.call ? fault.point : undefined);
    world.blobs.failWhen(decide);
    world.records.failWhen(decide);
    await run().catch((error: unknown) => {
      if (!(error instanceof RetryLater || error instanceof Crash)) throw error;
    });
    world.blobs.failWhen(() => undefined);
    world.records.failWhen(() => undefined);
  };
  const deliverTo = (who: number) =>
    world.deliver(subscriptions[who] as Subscription, destinations[who] as MemoryDestination);

  for (const [n, one] of moves.entries()) {
    switch (one.kind) {
      case 'write':
        for (let copy = 0; copy < one.count; copy += 1) {
          const tenant = tenants[one.tenant] ?? 'acme';
          const id = `e${n}-${copy}`;
          const time = new Date(world.clock.nowMs() - one.ageMs).toISOString();
          world.source.add(aHit(id, time, tenant), { visibleAtMs: world.clock.nowMs() + one.lateMs });
          written.push({ id: `closer/${id}`, tenant });
        }
        break;
      case 'pull':
        await faulty(one.fault, () => world.pull());
        break;
      case 'deliver':
        next.set(one.who, one.step);
        await faulty(one.fault, () => deliverTo(one.who));
        break;
      case 'race':
        await faulty({ call: 0, point: 'none' }, () =>
          Promise.all([world.pull(), world.pull(), deliverTo(2), deliverTo(2)]),
        );
        break;
      case 'wait':
        world.clock.advance(one.ms);
        break;
      default:
        one satisfies never;
    }
  }
  next.clear();
  for (let quiet = 0; quiet < 4; quiet += 1) {
    await world.pull();
    for (const who of subscriptions.keys()) await deliverTo(who);
    world.clock.advance(36 * 3_600_000);
    // Within the overlap still: what was written last becomes visible at most two minutes later.
    if (quiet === 0) await world.pull();
  }
  return { world, destinations, written };
};

const idsIn = (lines: readonly Uint8Array[]): readonly string[] =>
  lines.map((line) => JSON.parse(Buffer.from(line).toString()).event.id);

describe('whatever dies, at whatever step', () => {
  it('every event is journaled once, reaches everyone it is for and nobody else, and each id has one content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 25 }), async (moves) => {
        // Late events are found by the overlap alone here, so nothing waits longer than it before the next pull.
        const bounded = moves.map((one) => (one.kind === 'wait' ? { ...one, ms: Math.min(one.ms, 20_000) } : one));
        const { world, destinations, written } = await play([...bounded, { kind: 'wait', ms: 120_000 }]);
        expect([...(await world.journaled())].sort()).toEqual(written.map(({ id }) => id).sort());
        for (const [who, { tenant, id }] of subscriptions.entries()) {
          const destination = destinations[who] as MemoryDestination;
          const wanted = written.filter((event) => tenant === everyTenant || event.tenant === tenant);
          expect(new Set(destination.accepted.flatMap((batch) => idsIn(batch.lines))), id).toEqual(
            new Set(wanted.map((event) => event.id)),
          );
          const contents = new Map<string, string>();
          for (const { batch } of destination.attempts) {
            const content = JSON.stringify([idsIn(batch.lines), batch.previous, batch.sequence, batch.committedAt]);
            expect(contents.get(batch.id) ?? content).toBe(content);
            contents.set(batch.id, content);
          }
          expect(destination.lines()).toHaveLength(wanted.length);
        }
      }),
      { numRuns: 150 },
    );
  });
});

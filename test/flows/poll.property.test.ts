/**
 * Two pollers of one customer, events that come meanwhile, answers that are lost, stores that fail before and after. Whoever keeps what it
 * gets by `webhook-id` has every event once, in the journal's order, and no id ever stood for two contents.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import { chainHash } from '../../shared/core/subscription-state.ts';
import type { Polled } from '../../shared/flows/poll-subscription.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { aPolledWorld, idsIn, inTwos, textOf } from '../support/polled-world.ts';
import { aHit } from '../support/world.ts';

interface Fault {
  /** Which store call of the request fails, and when. */
  readonly call: number;
  readonly point: 'before' | 'after' | 'none';
}

type Move =
  | { readonly kind: 'journal'; readonly count: number }
  /** `lost`: the answer does not reach the poller. */
  | { readonly kind: 'poll'; readonly who: 0 | 1; readonly fault: Fault; readonly answer: 'comes' | 'lost' }
  | { readonly kind: 'both' }
  | { readonly kind: 'woken' };

const fault = fc.record({
  call: fc.nat(8),
  point: fc.constantFrom('before', 'after', 'none', 'none'),
}) satisfies fc.Arbitrary<Fault>;
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('journal'), count: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('poll'),
      who: fc.constantFrom(0, 1),
      fault,
      answer: fc.constantFrom('comes', 'comes', 'lost'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('both') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('woken') }) },
);

const play = async (moves: readonly Move[]) => {
  const world = await aPolledWorld();
  /** What each poller was given last, and so acknowledges next. */
  const last: (string | undefined)[] = [undefined, undefined];
  const contents = new Map<string, string>();
  const events: string[] = [];
  let chain: string | undefined;

  const keep = (who: number, polled: Polled): void => {
    if (polled.kind === 'unknown acknowledgement' || polled.kind === 'nothing') last[who] = undefined;
    if (polled.kind !== 'batch') return;
    const { id, body, previous, sha256 } = polled.batch;
    last[who] = id;
    expect(contents.get(id) ?? textOf(body)).toBe(textOf(body));
    if (contents.has(id)) return;
    contents.set(id, textOf(body));
    events.push(...idsIn(body));
    expect(previous).toBe(chain ?? previous);
    chain = chainHash(previous, sha256);
  };
  const ask = (who: number) => {
    const acknowledge = last[who];
    return world.poll(acknowledge === undefined ? {} : { acknowledge });
  };

  let written = 0;
  for (const one of moves) {
    switch (one.kind) {
      case 'journal':
        for (let n = 0; n < one.count; n += 1)
          world.source.add(aHit(`e${written++}`, new Date(world.clock.nowMs() - 1000).toISOString()));
        await world.pull();
        world.clock.advance(1000);
        break;
      case 'poll': {
        let calls = 0;
        const decide = () => (one.fault.point !== 'none' && calls++ === one.fault.call ? one.fault.point : undefined);
        world.records.failWhen(decide);
        world.blobs.failWhen(decide);
        const polled = await ask(one.who).catch((error: unknown) => {
          if (!(error instanceof RetryLater)) throw error;
        });
        world.records.failWhen(() => undefined);
        world.blobs.failWhen(() => undefined);
        if (polled && one.answer === 'comes') keep(one.who, polled);
        break;
      }
      case 'both': {
        const answers = await Promise.all([ask(0), ask(1)]);
        for (const [who, polled] of answers.entries()) keep(who, polled);
        break;
      }
      case 'woken':
        await world.deliver(inTwos, memoryDestination());
        world.clock.advance(24 * 3_600_000);
        break;
      default:
        one satisfies never;
    }
  }
  await world.pull();
  // A poller that was told its acknowledgement is unknown asks without one; then all that is left comes.
  for (let quiet = 0, none = 0; none < 2 && quiet < 200; quiet += 1) {
    const polled = await ask(0);
    none = polled.kind === 'nothing' ? none + 1 : 0;
    keep(0, polled);
  }
  return { world, events, written };
};

describe('pollers that crash, race and lose answers', () => {
  it('have every event once and in order, under ids that each stand for one content, and the accounts add up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 30 }), async (moves) => {
        const { world, events, written } = await play(moves);
        expect(events).toEqual(await world.journaled());
        expect(events).toHaveLength(written);
        const { counts, begin, cursor, claim } = await world.state();
        expect(counts).toEqual({ delivered: written, filtered: 0, deadLetters: 0 });
        expect({ begin, claim }).toEqual({ begin: { segment: 1, index: 0 }, claim: undefined });
        expect(cursor.index).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

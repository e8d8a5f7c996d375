/**
 * Crashes around every store call, two deliverers at once and a changed root key, then a quiet time. Whatever happened: every object is in
 * exactly one digest, the digests are one chain, and what was put under a name was never anything else.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import { digestHash, mostDigestObjects, type SignedDigest } from '../../shared/core/digest.ts';
import { RetryLater } from '../../shared/core/errors.ts';
import { type KeySet, signingKeysOf } from '../../shared/core/signing-key.ts';
import { subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { type MemoryBlobStore, memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { checkDigests } from '../support/check-digests.ts';
import { aHit, aSubscription, aWorld } from '../support/world.ts';

const hourMs = 3_600_000;

/** Which call on state or bucket loses its answer, and when. */
interface Fault {
  readonly call: number;
  readonly point: 'before' | 'after' | 'none';
}

type Move =
  | { readonly kind: 'write'; readonly count: number }
  | { readonly kind: 'deliver'; readonly fault: Fault }
  | { readonly kind: 'race'; readonly fault: Fault }
  | { readonly kind: 'rotate' }
  | { readonly kind: 'wait'; readonly ms: number };

const fault = fc.record({
  call: fc.nat(30),
  point: fc.constantFrom('before', 'after', 'none'),
}) satisfies fc.Arbitrary<Fault>;

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write'), count: fc.constantFrom(1, 2, 3, mostDigestObjects) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver'), fault }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('race'), fault }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate') }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1_000, 61_000, hourMs / 2, hourMs) }),
  },
);

const subscription = aSubscription({
  id: 'acme-files',
  batch: { maxEvents: 1, maxBytes: 1_000_000, maxDelaySeconds: 0 },
  destination: { type: 'folder', path: '/acme' },
});

const play = async (moves: readonly Move[]) => {
  const world = aWorld();
  const bucket = memoryBlobStore();
  const secrets = memorySecrets({ rootKey: 'r'.repeat(32) });
  const everyKey: KeySet['keys'][number][] = [...signingKeysOf({ current: 'r'.repeat(32) }).keySet.keys];
  let rotations = 0;
  let written = 0;
  const puts = new Map<string, Set<string>>();
  const watched: MemoryBlobStore = {
    ...bucket,
    putIfAbsent: (name, bytes, metadata) => {
      puts.set(name, (puts.get(name) ?? new Set()).add(contentOf(name, bytes)));
      return bucket.putIfAbsent(name, bytes, metadata);
    },
  };
  // Each deliverer is a process of its own, with what it read of the secrets when it started.
  const deliver = async () => {
    const rootKey = await secrets.get('rootKey');
    const signingKeys = async () => signingKeysOf(rootKey);
    return world.deliver(subscription, blobDestination({ store: watched, subscription, signingKeys }));
  };
  const faulty = async ({ call, point }: Fault, run: () => Promise<unknown>): Promise<void> => {
    let calls = 0;
    const decide = () => (point !== 'none' && calls++ === call ? point : undefined);
    bucket.failWhen(decide);
    world.records.failWhen(decide);
    await run().catch((error: unknown) => {
      if (!(error instanceof RetryLater)) throw error;
    });
    bucket.failWhen(() => undefined);
    world.records.failWhen(() => undefined);
  };

  for (const one of moves) {
    switch (one.kind) {
      case 'write':
        for (let n = 0; n < one.count; n += 1)
          world.source.add(aHit(`e${written++}`, new Date(world.clock.nowMs() - 1000).toISOString()));
        await world.pull();
        break;
      case 'deliver':
        await faulty(one.fault, deliver);
        break;
      case 'race':
        await faulty(one.fault, () => Promise.allSettled([deliver(), deliver()]).then(rethrown));
        break;
      case 'rotate': {
        const next = `root key ${++rotations}`.padEnd(32, '.');
        everyKey.push(...signingKeysOf({ current: next }).keySet.keys);
        secrets.rotate('rootKey', next);
        break;
      }
      case 'wait':
        world.clock.advance(one.ms);
        break;
      default:
        one satisfies never;
    }
  }
  for (let quiet = 0; quiet < 4; quiet += 1) {
    world.clock.advance(24 * hourMs);
    await deliver();
  }
  const due = await world.records.due(subscriptionPartition, world.clock.nowMs() + 100 * hourMs, 10);
  return { written, puts, due, checked: await checkDigests(bucket, { keys: everyKey }) };
};

/** What makes two writes the same: bytes of an object, a digest without its signature. */
const contentOf = (name: string, bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString('latin1');
  return name.startsWith('digests/') ? digestHash((JSON.parse(text) as SignedDigest).digest) : text;
};

const rethrown = (results: readonly PromiseSettledResult<unknown>[]): void => {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};

describe('whatever dies around a digest', () => {
  it('each object is in one digest, the digests are one signed chain, and each name stood for one content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 25 }), async (moves) => {
        const { written, puts, due, checked } = await play(moves);
        const { attested, unattested, mistakes } = checked;
        expect(mistakes).toEqual([]);
        expect(unattested).toEqual([]);
        expect(attested).toHaveLength(written);
        expect(new Set(attested).size).toBe(attested.length);
        expect([...puts].filter(([, contents]) => contents.size > 1)).toEqual([]);
        expect(due).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

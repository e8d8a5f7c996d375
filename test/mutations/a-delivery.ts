/** What two subscriptions received in one folder, made from a seed by the flows that deliver: objects, digests, and what is too young for one. */
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import type { Digest, SignedDigest } from '../../shared/core/digest.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import type { CheckedHead } from '../../shared/core/verify/head-check.ts';
import { type DeliveredVerdict, verifyDelivered } from '../../shared/flows/verify-delivered.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { aHit, aSubscription, aWorld } from '../support/world.ts';
import { ourKey, ourKeys } from './a-journal.ts';
import { type Files, storeOf } from './files.ts';
import { randomOf } from './random.ts';
import { memoryScratch } from './verified.ts';

const hourMs = 3_600_000;
const beginMs = Date.parse('2026-03-01T12:00:00Z');

const subscriptions: readonly Subscription[] = ['acme', 'bolt'].map((tenant) =>
  aSubscription({
    id: `${tenant}-files`,
    tenant,
    batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 },
    destination: { type: 'folder', path: '/out' },
  }),
);

export interface ADelivery {
  readonly files: Files;
  readonly digests: readonly { readonly name: string; readonly digest: Digest }[];
  /** Objects that no digest names yet. */
  readonly young: readonly string[];
}

export const aDelivery = async (seed: number): Promise<ADelivery> => {
  const random = randomOf(seed);
  const world = aWorld({ startMs: beginMs });
  const store = memoryBlobStore();
  const signingKeys = async () => ({ current: ourKey, keySet: ourKeys });
  const deliver = async (): Promise<void> => {
    for (const subscription of subscriptions)
      await world.deliver(subscription, blobDestination({ store, subscription, signingKeys }));
  };
  const rounds = 1 + random.below(3);
  for (let round = 0; round < rounds; round += 1) {
    for (let event = 1 + random.below(8); event > 0; event -= 1) {
      const time = new Date(world.clock.nowMs() - random.below(60_000)).toISOString();
      world.source.add(aHit(`${round}-${event}`, time, random.one(['acme', 'bolt'])));
    }
    await world.pull();
    await deliver();
    if (round > 0 && random.oneIn(3)) continue;
    world.clock.advance(hourMs);
    await deliver();
  }
  const files: Files = new Map();
  for (const name of store.names()) files.set(name, (await store.get(name)) ?? new Uint8Array());
  const digests = [...files].flatMap(([name, bytes]) =>
    name.startsWith('digests/')
      ? [{ name, digest: (JSON.parse(Buffer.from(bytes).toString()) as SignedDigest).digest }]
      : [],
  );
  const attested = new Set(digests.flatMap(({ digest }) => digest.objects.map(({ object }) => object)));
  return {
    files,
    digests,
    young: [...files.keys()].filter((name) => !name.startsWith('digests/') && !attested.has(name)),
  };
};

/** What `sluice verify --folder` says about these files, with our key unless there is to be none. */
export const verifiedDelivery = (
  files: Files,
  given: {
    readonly keys?: 'none';
    readonly witnesses?: readonly CheckedHead[];
    readonly retentionMs?: number;
  } = {},
): Promise<DeliveredVerdict> => {
  const { keys, ...rest } = given;
  return verifyDelivered({
    store: storeOf(files),
    clock: recordingClock({ startMs: beginMs + 10 * hourMs }),
    scratch: memoryScratch(),
    ...(keys !== 'none' && { keys: ourKeys }),
    ...rest,
  });
};

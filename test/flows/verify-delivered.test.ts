import { beforeAll, describe, expect, it } from 'vitest';
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import { digestName, type SignedDigest } from '../../shared/core/digest.ts';
import { canonicalText } from '../../shared/core/segment.ts';
import { signingKey } from '../../shared/core/signing-key.ts';
import type { CheckedHead } from '../../shared/core/verify/head-check.ts';
import { signHead } from '../../shared/flows/sign-head.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { verifiedDelivery } from '../mutations/a-delivery.ts';
import { ourKey, ourKeys } from '../mutations/a-journal.ts';
import type { Files } from '../mutations/files.ts';
import { aRoster } from '../support/a-roster.ts';
import { aHit, aSubscription, aWorld } from '../support/world.ts';

const hourMs = 3_600_000;
const subscription = aSubscription({
  id: 'acme-files',
  batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 },
  destination: { type: 'folder', path: '/out' },
});
const signingKeys = async () => ({ current: ourKey, keySet: ourKeys });

/** A subscription that writes to places of its own, an hour after the other. */
const aFilingWorld = () => {
  const world = aWorld();
  const places = { here: memoryBlobStore(), there: Object.assign(memoryBlobStore(), { description: 'there' }) };
  let written = 0;
  return {
    world,
    /** So many events journaled and delivered; a digest is due an hour later. */
    deliver: async (events: number, where: keyof typeof places = 'here') => {
      for (; events > 0; events -= 1) {
        written += 1;
        world.source.add(aHit(`e${written}`, new Date(world.clock.nowMs() - 1000).toISOString()));
      }
      await world.pull();
      await world.deliver(subscription, blobDestination({ store: places[where], subscription, signingKeys }));
    },
    hourPasses: () => world.clock.advance(hourMs),
    witness: async (): Promise<CheckedHead> => {
      const { name, signed } = await signHead({
        ...world,
        journal: world.journal(),
        journalStore: world.blobs,
        secrets: { get: async () => ({ current: 'w'.repeat(32) }) },
        roster: aRoster([subscription]),
      });
      return { name, signed, signature: 'good' };
    },
    files: async (): Promise<Files> => {
      const files: Files = new Map();
      for (const name of places.here.names()) files.set(name, (await places.here.get(name)) ?? new Uint8Array());
      return files;
    },
  };
};

const digestsIn = (files: Files): readonly string[] => [...files.keys()].filter((name) => name.startsWith('digests/'));
const objectsIn = (files: Files): readonly string[] => [...files.keys()].filter((name) => name.startsWith('tenant='));
const without = (files: Files, ...names: readonly string[]): Files =>
  new Map([...files].filter(([name]) => !names.includes(name)));

/** Three digests of two objects each, and an object that is too young for one. */
let files: Files;
let witness: CheckedHead;
let early: CheckedHead;
beforeAll(async () => {
  const filing = aFilingWorld();
  for (let round = 0; round < 3; round += 1) {
    await filing.deliver(4);
    if (round === 0) early = await filing.witness();
    filing.hourPasses();
    await filing.deliver(0);
  }
  await filing.deliver(2);
  witness = await filing.witness();
  files = await filing.files();
});

describe('what a destination received', () => {
  it('is intact: digests, objects, events and what is not attested yet are counted', async () => {
    expect(digestsIn(files)).toHaveLength(3);
    expect(await verifiedDelivery(files, { witnesses: [witness, early] })).toEqual({
      subscriptions: ['acme-files'],
      digests: 3,
      objects: 6,
      events: 12,
      bytes: expect.any(Number),
      expired: 0,
      notYetAttested: 1,
      from: '2026-03-01T12:00:00.000Z',
      to: '2026-03-01T15:00:00.000Z',
      signatures: 'good',
      kids: [ourKey.publicKey.kid],
    });
  });

  it('is intact when the subscription delivered elsewhere in between', async () => {
    const filing = aFilingWorld();
    await filing.deliver(2);
    filing.hourPasses();
    await filing.deliver(0);
    await filing.deliver(2, 'there');
    filing.hourPasses();
    await filing.deliver(2);
    filing.hourPasses();
    await filing.deliver(0);
    const delivered = await filing.files();
    const sequences = digestsIn(delivered).map((name) => digestIn(delivered, name).sequence);
    expect(sequences).toEqual([1, 1]);
    expect(await verifiedDelivery(delivered)).toMatchObject({ digests: 2, objects: 2, notYetAttested: 0 });
    expect((await verifiedDelivery(delivered)).break).toBeUndefined();
  });

  it('without a key is checked all the same, and the signatures are said to be unchecked', async () => {
    const verdict = await verifiedDelivery(files, { keys: 'none' });
    expect({ break: verdict.break, signatures: verdict.signatures, objects: verdict.objects }).toEqual({
      break: undefined,
      signatures: 'unchecked',
      objects: 6,
    });
  });

  it('of which the owner removed what is old enough is intact', async () => {
    const [oldest = ''] = objectsIn(files);
    const young = await verifiedDelivery(without(files, oldest));
    expect(young.break).toMatchObject({ kind: 'missing', place: oldest, from: 1 });
    const old = await verifiedDelivery(without(files, oldest), { retentionMs: hourMs });
    expect({ break: old.break, expired: old.expired }).toEqual({ break: undefined, expired: 1 });
  });
});

describe('what is wrong is named', () => {
  it('a digest that is gone, and the first one', async () => {
    const [first = '', second = '', third = ''] = digestsIn(files);
    expect((await verifiedDelivery(without(files, second))).break).toMatchObject({
      kind: 'missing',
      place: third,
      from: 3,
    });
    expect((await verifiedDelivery(without(files, first))).break).toMatchObject({
      kind: 'missing',
      place: second,
      from: 1,
    });
  });

  it('an object that no digest names, and a file that is no object', async () => {
    const [object = ''] = objectsIn(files);
    const copy = object.replace('_0000000001_', '_0000000002_');
    for (const name of [copy, 'tenant=acme/dt=2026-03-01/part-0.csv'])
      expect((await verifiedDelivery(new Map(files).set(name, new Uint8Array()))).break).toMatchObject({
        kind: 'inserted',
        place: name,
      });
  });

  it('a digest of another key', async () => {
    const [, second = ''] = digestsIn(files);
    const forged = Buffer.from(files.get(second) ?? '')
      .toString()
      .replace(ourKey.publicKey.kid, another.publicKey.kid);
    expect((await verifiedDelivery(new Map(files).set(second, Buffer.from(forged)))).break).toMatchObject({
      kind: 'not as signed',
      place: second,
      found: `one of ${another.publicKey.kid}`,
    });
  });

  it('a batch that signed digests leave out', async () => {
    const [, second = '', third = ''] = digestsIn(files);
    const digest = digestIn(files, second);
    const gap = { ...digest, objects: digest.objects.slice(1) };
    const signed = Buffer.from(canonicalText({ digest: gap, ...ourKey.sign(gap) }));
    const forged = without(files, second, third).set(digestName(gap), signed);
    expect((await verifiedDelivery(forged)).break).toMatchObject({ kind: 'missing', place: digestName(gap), from: 3 });
  });

  it('an end that was cut with its digests, by a head that was kept', async () => {
    const [, , third = ''] = digestsIn(files);
    const cut = without(files, third, ...objectsIn(files).slice(4));
    expect((await verifiedDelivery(cut)).break).toBeUndefined();
    expect((await verifiedDelivery(cut, { witnesses: [early] })).break).toBeUndefined();
    expect((await verifiedDelivery(cut, { witnesses: [early, witness] })).break).toMatchObject({
      kind: 'cut off',
      from: 5,
    });
  });

  it('another chain than a head witnesses', async () => {
    const { head } = early.signed;
    const subscriptions = head.subscriptions.map((one) => ({ ...one, chain: 'f'.repeat(64) }));
    const other: CheckedHead = { ...early, signed: { ...early.signed, head: { ...head, subscriptions } } };
    expect((await verifiedDelivery(files, { witnesses: [other] })).break).toMatchObject({
      kind: 'not as signed',
      place: objectsIn(files)[1],
    });
  });
});

const another = signingKey(new Uint8Array(32).fill(9));
const digestIn = (delivered: Files, name: string) =>
  (JSON.parse(Buffer.from(delivered.get(name) ?? '{}').toString()) as SignedDigest).digest;

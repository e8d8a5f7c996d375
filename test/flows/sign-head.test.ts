import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { headName, type SignedHead } from '../../shared/core/head.ts';
import { manifestName, noHash } from '../../shared/core/segment.ts';
import { checkSignature, signingKeysOf } from '../../shared/core/signing-key.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { freshState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { newestHead } from '../../shared/flows/heads/newest-head.ts';
import { type HeadDeps, signHead, signHeadWhenDue } from '../../shared/flows/sign-head.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aRoster } from '../support/a-roster.ts';
import { aHit, aSubscription, aWorld, hitsFrom } from '../support/world.ts';

const hourMs = 3_600_000;
const rootKey = 'r'.repeat(32);
const acme = aSubscription();
const bolt = aSubscription({ id: 'bolt-soc', tenant: 'bolt' });

const aSigningWorld = () => {
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 3) });
  const secrets = memorySecrets({ rootKey });
  const deps = (subscriptions: readonly Subscription[]): HeadDeps => ({
    ...world,
    journal: world.journal(),
    journalStore: world.blobs,
    secrets,
    roster: aRoster(subscriptions),
  });
  return {
    ...world,
    secrets,
    sign: (subscriptions: readonly Subscription[] = [acme]) => signHead(deps(subscriptions)),
    signWhenDue: (subscriptions: readonly Subscription[] = [acme]) => signHeadWhenDue(deps(subscriptions)),
    newest: () => newestHead(world.blobs, 'closer'),
    heads: () => world.blobs.names().filter((name) => name.startsWith('heads/')),
    keySet: async () => signingKeysOf(await secrets.get('rootKey')).keySet,
  };
};

describe('a signed head', () => {
  it('says how far the journal and each subscription have come, and verifies with the public key', async () => {
    const world = aSigningWorld();
    await world.pull();
    const destination = memoryDestination();
    await world.deliver(bolt, memoryDestination());
    await world.deliver(acme, destination);
    const { name, signed } = await world.sign([bolt, acme, aSubscription({ id: 'never-seen' })]);
    const manifest = await world.journal().manifest(1);
    expect(signed.head).toMatchObject({
      version: 1,
      source: 'closer',
      at: '2026-03-01T12:00:00.000Z',
      journal: { seq: 1, hash: manifest?.hash, watermark: manifest?.watermark },
      subscriptions: [
        {
          id: 'acme-soc',
          tenant: 'acme',
          begin: { segment: 1, index: 0 },
          cursor: { segment: 2, index: 0 },
          sequence: 1,
        },
        { id: 'bolt-soc', tenant: 'bolt', sequence: 0, chain: noHash, counts: { delivered: 0 } },
      ],
    });
    expect(checkSignature(signed.head, signed, await world.keySet())).toBe('good');
    expect(name).toBe(headName(signed.head));
    expect(await world.newest()).toEqual(signed);
  });

  it('can be signed before anything is journaled', async () => {
    const { signed } = await aSigningWorld().sign();
    expect(signed.head.journal).toMatchObject({ seq: 0, hash: noHash });
  });

  it('of the same moment by two at once is one head, which both are given', async () => {
    const world = aSigningWorld();
    await world.pull();
    const [one, other] = await Promise.all([world.sign(), world.sign()]);
    expect(one).toEqual(other);
    expect(world.heads()).toEqual([one?.name]);
  });

  it('whose answer was lost is in the store once when it is signed again', async () => {
    const world = aSigningWorld();
    await world.pull();
    world.blobs.failNext('after', 'putIfAbsent');
    await expect(world.sign()).rejects.toThrow('no answer');
    const { name } = await world.sign();
    expect(world.heads()).toEqual([name]);
  });

  it('names no cursor beyond its own segment while pulls and deliveries go on', async () => {
    const world = aSigningWorld();
    await world.pull();
    world.source.add(aHit('later', '2026-03-01T11:59:00Z'));
    const range = world.records.range;
    world.records.range = async (...given) => {
      const states = await range(...given);
      await world.pull();
      await world.deliver(acme, memoryDestination());
      return states;
    };
    const { head } = (await world.sign()).signed;
    expect(head.subscriptions.every(({ cursor }) => cursor.segment <= head.journal.seq + 1)).toBe(true);
  });

  it('of 10 000 subscriptions takes ten reads of the state', async () => {
    const world = aSigningWorld();
    const subscriptions = Array.from({ length: 10_000 }, (_, n) => aSubscription({ id: `s-${n}` }));
    for (const { id } of subscriptions)
      await world.records.compareAndSet(
        { partition: subscriptionPartition, id, value: freshState({ segment: 1, index: 0 }) },
        0,
      );
    let reads = 0;
    const { range } = world.records;
    world.records.range = (...given) => {
      reads += 1;
      return range(...given);
    };
    const { signed } = await world.sign(subscriptions);
    expect(signed.head.subscriptions).toHaveLength(10_000);
    expect(reads).toBeLessThanOrEqual(11);
  });
});

describe('once an hour', () => {
  it('a head is signed when an hour is over and something has changed, not before', async () => {
    const world = aSigningWorld();
    expect(await world.signWhenDue()).toBeUndefined();
    await world.pull();
    expect((await world.signWhenDue())?.signed.head.journal.seq).toBe(1);
    world.source.add(aHit('new', '2026-03-01T12:00:00Z'));
    await world.pull();
    world.clock.advance(hourMs - 1);
    expect(await world.signWhenDue()).toBeUndefined();
    world.clock.advance(1);
    expect((await world.signWhenDue())?.signed.head.journal.seq).toBe(2);
  });

  it('nothing is signed while nothing changes, and a delivery is a change', async () => {
    const world = aSigningWorld();
    await world.pull();
    await world.sign();
    world.clock.advance(5 * hourMs);
    expect(await world.signWhenDue()).toBeUndefined();
    await world.deliver(acme, memoryDestination());
    expect((await world.signWhenDue())?.signed.head.subscriptions).toMatchObject([{ sequence: 1 }]);
    expect(world.heads()).toHaveLength(2);
  });
});

describe('after a rotation of the root key', () => {
  it('heads are signed with the new key, and those of the old one verify still', async () => {
    const world = aSigningWorld();
    await world.pull();
    const { signed: before } = await world.sign();
    world.secrets.rotate('rootKey', 'n'.repeat(32));
    world.clock.advance(1);
    const { signed: after } = await world.sign();
    expect(after.kid).not.toBe(before.kid);
    const keySet = await world.keySet();
    expect(keySet.keys).toHaveLength(2);
    expect([before, after].map((signed) => checkSignature(signed.head, signed, keySet))).toEqual(['good', 'good']);
  });

  it('twice, signing goes on although the last head cannot be verified any more', async () => {
    const world = aSigningWorld();
    await world.pull();
    await world.sign();
    world.secrets.rotate('rootKey', 'n'.repeat(32));
    world.secrets.rotate('rootKey', 'm'.repeat(32));
    world.clock.advance(1);
    expect((await world.sign()).signed.head.journal.seq).toBe(1);
  });
});

describe('nothing is signed over', () => {
  const signedTwice = async () => {
    const world = aSigningWorld();
    await world.pull();
    world.source.add(aHit('new', '2026-03-01T11:59:00Z'));
    await world.pull();
    const kept = await world.sign();
    world.clock.advance(hourMs);
    return { world, kept };
  };

  it('a journal whose end was cut since the last head', async () => {
    const { world } = await signedTwice();
    world.blobs.lose(manifestName('closer', 2));
    await expect(world.sign()).rejects.toThrow(OperatorMustFix);
    await expect(world.signWhenDue()).rejects.toThrow('segment 2 of source "closer"');
    expect(world.heads()).toHaveLength(1);
  });

  it('a journal whose end was replaced by another that is intact in itself', async () => {
    const { world } = await signedTwice();
    const other = aSigningWorld();
    other.source.add(aHit('forged', '2026-03-01T11:00:30Z'));
    await other.pull();
    const first = await other.blobs.get(manifestName('closer', 1));
    if (!first) throw new Error('the other journal has a first segment');
    world.blobs.lose(manifestName('closer', 2));
    world.blobs.tamper(manifestName('closer', 1), first);
    await expect(world.sign()).rejects.toThrow('cut or replaced');
  });

  it('a head that was altered', async () => {
    const { world, kept } = await signedTwice();
    const { head } = kept.signed;
    const altered: SignedHead = { ...kept.signed, head: { ...head, journal: { ...head.journal, hash: noHash } } };
    world.blobs.tamper(kept.name, Buffer.from(JSON.stringify(altered)));
    await expect(world.sign()).rejects.toThrow('signature is wrong');
  });

  it('a state that cannot be read', async () => {
    const world = aSigningWorld();
    await world.pull();
    await world.records.compareAndSet({ partition: subscriptionPartition, id: acme.id, value: { cursor: 7 } }, 0);
    await expect(world.sign()).rejects.toThrow(OperatorMustFix);
    await expect(world.sign()).rejects.toThrow('The state of subscription "acme-soc"');
  });

  it('without a root key', async () => {
    const world = aSigningWorld();
    world.secrets.get = async () => undefined;
    await expect(world.sign()).rejects.toThrow('rootKey');
  });
});

import { describe, expect, it } from 'vitest';
import { mostDigestObjects } from '../../shared/core/digest.ts';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { checkDigests } from '../support/check-digests.ts';
import { acme, aFilingWorld, hourMs, one } from '../support/filing-world.ts';
import { resumeSubscription } from '../support/resume-subscription.ts';
import { aHit, aWorld } from '../support/world.ts';

describe('a digest', () => {
  it('is written an hour after the first object that it names, although nothing new came meanwhile', async () => {
    const world = aFilingWorld();
    await world.journalEvents(2);
    await world.deliver();
    expect((await world.checked()).unattested).toHaveLength(2);
    world.clock.advance(hourMs - 1);
    expect(await world.due()).toEqual([]);
    await world.deliver();
    expect((await world.checked()).digests).toEqual([]);
    world.clock.advance(1);
    expect(await world.due()).toEqual(['acme-files']);
    await world.deliver();
    const { digests, unattested, mistakes } = await world.checked();
    expect({ unattested, mistakes }).toEqual({ unattested: [], mistakes: [] });
    expect(digests.map(({ digest }) => digest)).toMatchObject([
      {
        version: 1,
        subscription: 'acme-files',
        tenant: 'acme',
        sequence: 1,
        from: '2026-03-01T12:00:00.000Z',
        to: '2026-03-01T13:00:00.000Z',
        objects: [
          { sequence: 1, events: 1 },
          { sequence: 2, events: 1 },
        ],
      },
    ]);
    expect(await world.due()).toEqual([]);
  });

  it('is written as soon as it is full, and the next one follows it', async () => {
    const world = aFilingWorld();
    await world.journalEvents(2 * mostDigestObjects + 1);
    await world.deliver();
    const { digests, attested, unattested, mistakes } = await world.checked();
    expect(mistakes).toEqual([]);
    expect(digests.map(({ digest }) => digest.objects.length)).toEqual([mostDigestObjects, mostDigestObjects]);
    expect(attested).toHaveLength(2 * mostDigestObjects);
    expect(unattested).toHaveLength(1);
  });

  it('lies beside the objects, below a prefix of its own, and says whose it is in its name', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    world.clock.advance(hourMs);
    await world.deliver();
    const [name = ''] = world.bucket.names();
    expect(name).toMatch(
      /^digests\/tenant=acme\/subscription=acme-files\/dt=2026-03-01\/2026-03-01T130000\.000Z_0000000001_[0-9a-f]{8}\.json$/,
    );
    expect(world.bucket.metadataOf(name)).toEqual({ contentType: 'application/json' });
  });

  it('of an operator names the tenant as its objects do', async () => {
    const world = aFilingWorld({ ...acme, tenant: '*' });
    await world.journalEvents(1);
    await world.deliver();
    world.clock.advance(hourMs);
    await world.deliver();
    expect(world.bucket.names()[0]).toContain('digests/tenant=_all/');
  });

  it('waits for nobody: a batch that waits for more events does not hold it up', async () => {
    const world = aFilingWorld({ ...acme, batch: { ...one, maxEvents: 10, maxDelaySeconds: 36_000 } });
    await world.journalEvents(1);
    world.clock.advance(10 * hourMs);
    await world.deliver();
    await world.journalEvents(1);
    world.clock.advance(hourMs / 2);
    await world.deliver();
    world.clock.advance(hourMs / 2);
    expect(await world.due()).toEqual(['acme-files']);
    await world.deliver();
    expect((await world.checked()).attested).toHaveLength(1);
    expect(await world.due()).toEqual([]);
    world.clock.advance(9 * hourMs);
    expect(await world.due()).toEqual(['acme-files']);
    await world.deliver();
    expect((await world.checked()).unattested).toHaveLength(1);
  });
});

describe('what else goes on with the subscription', () => {
  it('an event that failed and is wanted no more does not keep the digest from coming back', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    await world.journalEvents(1);
    world.bucket.failNext('before', 'putIfAbsent');
    await world.deliver();
    world.clock.advance(60_000);
    const nobody = { ...acme, filter: { action: ['none'] } };
    await world.deliverAs(nobody);
    expect((await world.state())?.counts).toMatchObject({ delivered: 1, filtered: 1 });
    expect(await world.due()).toEqual([]);
    world.clock.advance(hourMs);
    expect(await world.due()).toEqual(['acme-files']);
    await world.deliverAs(nobody);
    expect(await world.checked()).toMatchObject({ mistakes: [], unattested: [], digests: [{}] });
    expect(await world.due()).toEqual([]);
  });

  it('nobody looks again for the digest of a subscription that is switched off; resuming it writes it', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    await world.journalEvents(1);
    await world.deliver({ ...world.into(world.bucket), send: async () => ({ kind: 'gone', answer: '410' }) });
    world.clock.advance(hourMs);
    expect(await world.due()).toEqual([]);
    await resumeSubscription({ ...world, journal: world.journal() }, acme);
    expect(await world.due()).toEqual(['acme-files']);
    await world.deliver();
    const { digests, mistakes } = await world.checked();
    expect(mistakes).toEqual([]);
    expect(digests).toMatchObject([{ digest: { objects: [{ sequence: 1 }] } }]);
  });
});

describe('a subscription that moves', () => {
  it('to another bucket begins a chain of digests there', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    const other = { ...memoryBlobStore(), description: 'another memory' };
    await world.journalEvents(1);
    await world.deliver(world.into(other));
    world.clock.advance(hourMs);
    await world.deliver(world.into(other));
    const { keySet } = signingKeysOf({ current: 'r'.repeat(32) });
    const { digests, unattested, mistakes } = await checkDigests(other, keySet);
    expect({ unattested, mistakes }).toEqual({ unattested: [], mistakes: [] });
    expect(digests).toMatchObject([{ digest: { sequence: 1, objects: [{ sequence: 2 }] } }]);
  });

  it('to a webhook leaves nothing due that nobody can write', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    await world.journalEvents(1);
    await world.deliver(memoryDestination());
    world.clock.advance(hourMs);
    expect(await world.due()).toEqual([]);
  });
});

describe('the state', () => {
  it('of a webhook holds nothing for digests and stays under 1 KB', async () => {
    const world = aWorld();
    world.source.add(aHit('e1', '2026-03-01T11:00:00Z'));
    await world.pull();
    await world.deliver(acme, memoryDestination());
    const state = (await world.records.get(subscriptionPartition, acme.id))?.value as SubscriptionState;
    expect(state.digest).toBeUndefined();
    expect(JSON.stringify(state).length).toBeLessThan(1_000);
  });

  it('of a folder or bucket is at most 8 KB, with the longest names there are', async () => {
    const long = { ...acme, id: 's'.repeat(64) };
    const world = aFilingWorld(long);
    let largest = 0;
    const { compareAndSet } = world.records;
    world.records.compareAndSet = (record, expected) => {
      largest = Math.max(largest, JSON.stringify(record.value).length);
      return compareAndSet(record, expected);
    };
    await world.journalEvents(mostDigestObjects + 1);
    await world.deliver();
    expect(largest).toBeGreaterThan(5_000);
    expect(largest).toBeLessThan(8_192);
  });
});

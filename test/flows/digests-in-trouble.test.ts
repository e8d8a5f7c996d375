import { describe, expect, it } from 'vitest';
import { mostDigestObjects } from '../../shared/core/digest.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import type { MemoryBlobStore } from '../fakes/memory-blob-store.ts';
import { aFilingWorld, hourMs } from '../support/filing-world.ts';

describe('while a digest cannot be written', () => {
  it('nothing else is sent, the operator hears why, and all of it goes on once that is mended', async () => {
    const world = aFilingWorld();
    await world.journalEvents(mostDigestObjects + 1);
    const refused = new OperatorMustFix('Bucket acme-events: no s3:PutObject on digests/.');
    const store: MemoryBlobStore = {
      ...world.bucket,
      putIfAbsent: async (name, ...rest) => {
        if (name.startsWith('digests/')) throw refused;
        return world.bucket.putIfAbsent(name, ...rest);
      },
    };
    await world.deliver(world.into(store));
    expect((await world.state())?.health).toMatchObject({ status: 'paused', failures: 1 });
    expect(world.notices).toContainEqual({
      level: 'error',
      message: expect.stringContaining('the digest of its objects was not written: Bucket acme-events'),
    });
    expect(world.bucket.names()).toHaveLength(mostDigestObjects);
    world.clock.advance(hourMs);
    await world.deliver();
    expect((await world.state())?.health).toMatchObject({ status: 'active', failures: 0 });
    expect(await world.checked()).toMatchObject({ mistakes: [], unattested: [expect.any(String)] });
  });

  it('by a store that does not answer, it is tried again by the timetable', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    world.clock.advance(hourMs);
    world.bucket.failNext('after', 'putIfAbsent');
    await world.deliver();
    expect((await world.state())?.health).toMatchObject({ status: 'active', failures: 1 });
    expect(await world.due()).toEqual([]);
    world.clock.advance(hourMs);
    expect(await world.due()).toEqual(['acme-files']);
    await world.deliver();
    expect(await world.checked()).toMatchObject({
      mistakes: [],
      unattested: [],
      digests: [{ digest: { sequence: 1 } }],
    });
  });

  it('because somebody else wrote under its name, the subscription is paused', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    world.clock.advance(hourMs);
    world.bucket.raceNext(Buffer.from('{"digest":{}}'));
    await world.deliver();
    expect((await world.state())?.health).toMatchObject({
      status: 'paused',
      lastAnswer: expect.stringContaining('holds something else'),
    });
  });
});

describe('two deliverers at once', () => {
  it('one of them slow with a batch while the other writes the digest: no object is in two digests, or in none', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    await world.journalEvents(1);
    const real = world.into(world.bucket);
    const sending = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow = world.deliver({
      ...real,
      send: async (...given) => {
        sending.resolve();
        await goOn.promise;
        return real.send(...given);
      },
    });
    await sending.promise;
    // Its claim has run out, and the hour of the first object is over.
    world.clock.advance(2 * hourMs);
    await world.deliver({
      ...real,
      attest: async (digest) => {
        const outcome = await real.attest?.(digest);
        goOn.resolve();
        expect((await slow).result).toBe('caught up');
        return outcome ?? { kind: 'retry', answer: '' };
      },
    });
    world.clock.advance(2 * hourMs);
    await world.deliver();
    const { digests, unattested, mistakes } = await world.checked();
    expect({ unattested, mistakes }).toEqual({ unattested: [], mistakes: [] });
    expect(digests.map(({ digest }) => digest.objects.map(({ sequence }) => sequence))).toEqual([[1], [2]]);
  });
});

describe('a rotation of the root key', () => {
  it('between two digests: both verify with the keys that are served', async () => {
    const world = aFilingWorld();
    for (const key of ['n'.repeat(32), undefined]) {
      await world.journalEvents(1);
      await world.deliver();
      world.clock.advance(hourMs);
      await world.deliver();
      if (key) world.secrets.rotate('rootKey', key);
    }
    const { digests, mistakes } = await world.checked();
    expect(mistakes).toEqual([]);
    expect(new Set(digests.map(({ kid }) => kid)).size).toBe(2);
  });

  it('between writing a digest and recording it: the one that is there stands', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    world.clock.advance(hourMs);
    world.bucket.failNext('after', 'putIfAbsent');
    await world.deliver();
    world.secrets.rotate('rootKey', 'n'.repeat(32));
    world.clock.advance(hourMs);
    await world.deliver();
    expect(await world.checked()).toMatchObject({
      mistakes: [],
      unattested: [],
      digests: [{ digest: { sequence: 1 } }],
    });
  });
});

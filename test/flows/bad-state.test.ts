/** State and journal that are not as they must be: every flow says so and stops, and what repairs it loses nothing. */
import { describe, expect, it } from 'vitest';
import { type Checkpoint, checkpointPartition } from '../../shared/core/checkpoint.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { everyTenant } from '../../shared/core/event.ts';
import { instantFromMs } from '../../shared/core/instant.ts';
import { canonicalText, isIntact, type Manifest, manifestName, sealManifest } from '../../shared/core/segment.ts';
import { segmentDraft } from '../../shared/core/segment-draft.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { rebuildCheckpoint } from '../../shared/flows/rebuild-checkpoint.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { signHead } from '../../shared/flows/sign-head.ts';
import { wakePartition } from '../../shared/flows/wake-subscriptions.ts';
import type { StoredRecord } from '../../shared/ports/record-store.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aSubscription, aWorld, hitsFrom, idsOf } from '../support/world.ts';

const soc = aSubscription({
  id: 'soc',
  tenant: everyTenant,
  batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 },
});
const repairs = 'npx sluice rebuild-checkpoint';

/** A world that has pulled `segments` times, five events each, a minute apart; nothing is delivered yet. */
const pulled = async (segments: number) => {
  const world = aWorld();
  const receiver = memoryDestination();
  const all: string[] = [];
  const add = async () => {
    const hits = hitsFrom(new Date(world.clock.nowMs()).toISOString(), 5);
    for (const hit of hits) world.source.add(hit);
    all.push(...idsOf(hits));
    world.clock.advance(60_000);
    await world.pull();
  };
  await registerSubscriptions({ journal: world.journal(), records: world.records }, [soc]);
  for (let n = 0; n < segments; n += 1) await add();
  const deliver = (subscription = soc, to = receiver) => world.deliver(subscription, to);
  const rebuild = (subscriptions: readonly Subscription[] = [soc]) =>
    rebuildCheckpoint({ journal: world.journal(), records: world.records, clock: world.clock }, subscriptions);
  const manifestAt = (seq: number) => manifestName('closer', seq);
  const stateOf = () => world.records.records().find(({ partition }) => partition === subscriptionPartition);
  const write = async (partition: string, id: string, value: unknown) => {
    const version = (await world.records.get(partition, id))?.version ?? 0;
    expect(await world.records.compareAndSet({ partition, id, value }, version)).toBe('stored');
  };
  /** Once more everything runs, and everything is journaled once and has arrived. */
  const expectWhole = async () => {
    await add();
    await deliver();
    expect([...(await world.journaled())].sort()).toEqual([...all].sort());
    expect(new Set(idsIn(receiver.accepted.flatMap(({ lines }) => lines)))).toEqual(new Set(all));
  };
  /** Nobody goes on: each flow says what is wrong. */
  const expectStopped = async (flows: readonly ('pull' | 'deliver')[], ...words: readonly string[]) => {
    const before = { journaled: world.blobs.names(), records: world.records.records() };
    for (const flow of flows) {
      const failed = await (flow === 'pull' ? world.pull() : deliver()).then(
        () => `${flow} went on`,
        (error: unknown) => {
          expect(error).toBeInstanceOf(OperatorMustFix);
          return (error as OperatorMustFix).message;
        },
      );
      for (const word of words) expect(failed).toContain(word);
    }
    expect({ journaled: world.blobs.names(), records: world.records.records() }).toEqual(before);
  };
  const deps = () => ({ journal: world.journal(), records: world.records, clock: world.clock });
  return {
    ...world,
    deps,
    receiver,
    all,
    add,
    deliver,
    rebuild,
    manifestAt,
    stateOf,
    write,
    expectWhole,
    expectStopped,
  };
};

type World = Awaited<ReturnType<typeof pulled>>;

const idsIn = (lines: readonly Uint8Array[]): readonly string[] =>
  lines.map((line) => JSON.parse(Buffer.from(line).toString()).event.id);

const stateIn = (record: Pick<StoredRecord, 'value'> | undefined): SubscriptionState => {
  if (!record) throw new Error('the subscription has a state');
  return record.value as SubscriptionState;
};

/** @returns when it was signed */
const sign = async (world: World): Promise<string> => {
  const secrets = memorySecrets({ rootKey: 'r'.repeat(32) });
  const { signed } = await signHead({ ...world.deps(), journalStore: world.blobs, secrets }, [soc]);
  return signed.head.at;
};

describe('a record of the state that cannot be read', () => {
  it.each<[string, unknown]>([
    ['empty', {}],
    ['no object', 'x'],
    ['without a head', { begin: instantFromMs(0), watermark: instantFromMs(0), scannedAt: '', exceptions: [] }],
    [
      'with a watermark that is none',
      { begin: instantFromMs(0), watermark: 'soon', head: 1, scannedAt: '', exceptions: [] },
    ],
  ])('stops the pull when it is the checkpoint: %s', async (_, value) => {
    const world = await pulled(3);
    await world.write(checkpointPartition, 'closer', value);
    await world.expectStopped(['pull'], 'The checkpoint of source "closer" in memory cannot be read', repairs);
    await world.rebuild();
    await world.expectWhole();
  });

  it.each<[string, (state: SubscriptionState) => unknown]>([
    ['empty', () => ({})],
    ['null', () => null],
    ['with a cursor before the first segment', (state) => ({ ...state, cursor: { segment: 0, index: 0 } })],
    ['with a negative count', (state) => ({ ...state, counts: { ...state.counts, filtered: -1 } })],
    ['with a chain that is none', (state) => ({ ...state, chain: 'x' })],
    ['of an unknown health', (state) => ({ ...state, health: { ...state.health, status: 'well' } })],
  ])('stops the deliveries when it is a subscription: %s', async (_, spoil) => {
    const world = await pulled(3);
    await world.deliver();
    await world.write(subscriptionPartition, soc.id, spoil(stateIn(world.stateOf())));
    expect(await world.wake([soc]), 'somebody looks, and says it').toBe(1);
    await world.expectStopped(['deliver'], 'The state of subscription "soc" in memory cannot be read', repairs);
    expect((await world.rebuild()).subscriptions).toMatchObject([{ id: 'soc', became: 'restarted' }]);
    await world.expectWhole();
  });
});

describe('a record that can be made anew by looking', () => {
  it('costs a look when it cannot be read: everybody who has something to do is woken', async () => {
    for (const value of [{}, 'x', { head: 'x', roster: '', lookedAtMs: 0 }]) {
      const world = await pulled(2);
      await world.wake([soc]);
      await world.write(wakePartition, 'closer', value);
      expect(await world.wake([soc])).toBe(1);
      expect(await world.wake([soc])).toBe(0);
    }
  });
});

describe('state that is gone while the journal is there', () => {
  it('begins nothing anew, neither a source nor a subscription that begins now', async () => {
    const world = await pulled(3);
    await world.deliver();
    world.records.lose(checkpointPartition, 'closer');
    world.records.lose(subscriptionPartition, soc.id);
    await world.expectStopped(['pull', 'deliver'], repairs);
    const now = { ...soc, start: 'now' } as const;
    const { journal, records } = world;
    expect(await registerSubscriptions({ journal: journal(), records }, [now])).toEqual([]);
    expect(world.records.records()).toEqual([]);
    await world.rebuild([now]);
    await world.expectWhole();
  });

  it('holds up nobody else: the pull goes on, and who is new is registered', async () => {
    const world = await pulled(2);
    await world.deliver();
    await sign(world);
    world.records.lose(subscriptionPartition, soc.id);
    const fresh = aSubscription({ id: 'fresh', tenant: everyTenant });
    const { journal, records } = world;
    expect(await registerSubscriptions({ journal: journal(), records }, [soc, fresh])).toEqual(['fresh']);
    await world.add();
    const receiver = memoryDestination();
    await world.deliver(fresh, receiver);
    expect(receiver.lines()).toHaveLength(15);
    expect(await world.wake([soc, fresh]), 'somebody looks, and says it').toBe(1);
    await world.expectStopped(['deliver'], 'is missing, but the head signed at', repairs);
    await world.rebuild();
    await world.expectWhole();
  });

  it('lets a subscription that was never seen begin where it says, also while another is repaired', async () => {
    const world = await pulled(3);
    await world.write(subscriptionPartition, soc.id, {});
    const fresh = aSubscription({ id: 'fresh', tenant: everyTenant, start: 'now' });
    expect((await world.rebuild([soc, fresh])).subscriptions.map(({ id }) => id)).toEqual(['soc']);
    const receiver = memoryDestination();
    await world.deliver(fresh, receiver);
    await world.add();
    await world.deliver(fresh, receiver);
    expect(receiver.lines()).toHaveLength(5);
  });
});

describe('a checkpoint that the journal or the clock contradicts', () => {
  it('stops the pull when it is in the future, and goes back to the last one that was not', async () => {
    const world = await pulled(2);
    world.clock.advance(365 * 86_400_000);
    await world.add();
    await world.add();
    world.clock.advance(-365 * 86_400_000);
    await world.expectStopped(['pull'], 'is in the future (2027-', repairs);
    const { checkpoint } = await world.rebuild();
    expect(checkpoint).toMatchObject({ head: 4, watermark: '2026-03-01T11:57:00.000000000Z' });
    await world.expectWhole();
  });

  it('stops every flow when it names a segment that the journal has lost, and reads its events again', async () => {
    const world = await pulled(3);
    await world.wake([soc]);
    await world.deliver();
    for (const name of world.blobs.names().filter((each) => /0{11}[23]/.test(each))) world.blobs.lose(name);
    await world.expectStopped(['pull'], 'Segment 3 of source "closer" was appended', world.manifestAt(3), repairs);
    await world.expectStopped(['deliver'], 'stands behind segment 3, which is not in memory', repairs);
    expect(await world.rebuild()).toMatchObject({
      checkpoint: { head: 1 },
      subscriptions: [{ id: 'soc', became: 'shortened', sequence: 8 }],
    });
    expect(await world.wake([soc])).toBe(0);
    await world.expectWhole();
    expect(world.receiver.accepted.at(-1)?.sequence).toBeGreaterThan(8);
    const status = await readStatus(world.deps(), [soc]);
    expect(status.problems).toEqual([]);
  });

  it('goes on from a restored old checkpoint without a gap and without a double, exceptions included', async () => {
    const world = await pulled(1);
    const old = (await world.records.get(checkpointPartition, 'closer'))?.value as Checkpoint;
    world.source.add({ _index: 'closer', _id: 'timeless', _source: { tenant: 'acme' } });
    world.all.push('closer/timeless');
    for (let n = 0; n < 4; n += 1) await world.add();
    await world.write(checkpointPartition, 'closer', old);
    await world.expectWhole();
  });
});

describe('a journal that is damaged', () => {
  it('stops every flow at a hole, however far the checkpoint is, and fills it with nothing', async () => {
    for (const checkpointHead of [6, 4]) {
      const world = await pulled(6);
      const manifest = await world.blobs.get(world.manifestAt(5));
      const { value } = (await world.records.get(checkpointPartition, 'closer')) ?? {};
      await world.write(checkpointPartition, 'closer', { ...(value as Checkpoint), head: checkpointHead });
      world.blobs.lose(world.manifestAt(5));
      for (const hit of hitsFrom('2026-03-01T12:05:30Z', 1)) world.source.add(hit);
      world.all.push('closer/acme-2026-03-01T12:05:30Z-0');
      await world.expectStopped(['pull'], `memory/${world.manifestAt(5)}`, 'missing', repairs);
      await expect(world.rebuild()).rejects.toThrow('manifests/closer/000000000005.json is missing');
      await expect(readStatus(world.deps(), [soc])).rejects.toThrow(OperatorMustFix);
      expect(world.blobs.names()).not.toContain(world.manifestAt(5));
      await world.blobs.putIfAbsent(world.manifestAt(5), manifest ?? new Uint8Array());
      await world.expectWhole();
    }
  });

  it('takes no segment in the place of one that is missing, whoever appends', async () => {
    const world = await pulled(3);
    const head = await world.journal().manifest(1);
    if (!head) throw new Error('segment 1 is journaled');
    world.blobs.lose(world.manifestAt(2));
    const { begin, watermark } = head;
    const options = { kind: 'late', head, begin, watermark, committedAtMs: world.clock.nowMs() } as const;
    await expect(world.journal().append(segmentDraft(), options)).rejects.toThrow(`${world.manifestAt(2)} is missing`);
    expect(world.blobs.names()).not.toContain(world.manifestAt(2));
  });

  it('is not taken for caught up where it has a hole', async () => {
    const world = await pulled(6);
    world.blobs.lose(world.manifestAt(3));
    await expect(world.deliver()).rejects.toThrow('Segment 3 of source "closer" was appended');
    expect(world.receiver.lines()).toHaveLength(10);
  });

  it('is mended without a backup by cutting it at the break: the rest is read from the source again', async () => {
    const world = await pulled(6);
    await world.deliver();
    world.blobs.lose(world.manifestAt(5));
    await world.expectStopped(['pull'], 'move the manifests and the heads from number 5 on away');
    world.blobs.lose(world.manifestAt(6));
    expect(await world.rebuild()).toMatchObject({ checkpoint: { head: 4 }, subscriptions: [{ became: 'shortened' }] });
    await world.expectWhole();
  });

  it('brings what had come late back too, when it was cut: the next reconcile does', async () => {
    const world = await pulled(20);
    const [late] = hitsFrom('2026-03-01T12:00:30Z', 1, 1000, 'late');
    if (late) world.source.add(late);
    world.all.push('closer/late-2026-03-01T12:00:30Z-0');
    expect(await world.reconcile()).toMatchObject({ lateRecovered: 1 });
    await world.deliver();
    for (const name of world.blobs.names().filter((each) => /0{10}2[01][-.]/.test(each))) world.blobs.lose(name);
    await world.expectStopped(['pull', 'deliver'], repairs);
    await world.rebuild();
    await world.pull();
    world.clock.advance(3_600_000);
    await world.pull();
    await world.reconcile();
    await world.expectWhole();
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => new Uint8Array()],
    ['null', () => Buffer.from('null')],
    ['with a byte flipped', (bytes) => bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte))],
    ['of another number', (bytes) => Buffer.from(Buffer.from(bytes).toString().replace('"seq":3', '"seq":4'))],
  ])('names a manifest that is %s', async (_, spoil) => {
    const world = await pulled(3);
    const whole = (await world.blobs.get(world.manifestAt(3))) ?? new Uint8Array();
    world.blobs.tamper(world.manifestAt(3), spoil(whole));
    await world.expectStopped(['pull'], world.manifestAt(3), 'Restore it from a backup');
    await expect(world.deliver()).rejects.toThrow(world.manifestAt(3));
    await expect(world.rebuild()).rejects.toThrow(world.manifestAt(3));
    world.blobs.tamper(world.manifestAt(3), whole);
    await world.expectWhole();
  });

  it('names a manifest that was sealed anew but does not follow the one before it', async () => {
    const world = await pulled(3);
    const whole = (await world.blobs.get(world.manifestAt(2))) ?? new Uint8Array();
    const { hash: _, ...content } = JSON.parse(Buffer.from(whole).toString()) as Manifest;
    const forged = sealManifest({ ...content, count: 4 });
    expect(isIntact(forged)).toBe(true);
    world.blobs.tamper(world.manifestAt(2), Buffer.from(canonicalText(forged)));
    await world.expectStopped(['pull'], `${world.manifestAt(3)} does not follow`);
    await expect(world.rebuild()).rejects.toThrow('the chain is broken');
    world.blobs.tamper(world.manifestAt(2), whole);
    await world.expectWhole();
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array | undefined]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 8)],
    ['empty', () => new Uint8Array()],
    ['gone', () => undefined],
    ['with a byte flipped', (bytes) => bytes.map((byte, at) => (at === bytes.length - 20 ? byte ^ 1 : byte))],
  ])(
    'delivers what lies before a segment that is %s, nothing of it and nothing twice, and all of it once it is restored',
    async (_, spoil) => {
      const world = await pulled(3);
      const name = world.blobs.names().find((each) => each.startsWith('segments/closer/000000000002')) ?? '';
      const whole = (await world.blobs.get(name)) ?? new Uint8Array();
      const spoilt = spoil(whole);
      if (spoilt) world.blobs.tamper(name, spoilt);
      else world.blobs.lose(name);
      await expect(world.deliver()).rejects.toThrow(`memory/${name}`);
      await expect(world.deliver()).rejects.toThrow(OperatorMustFix);
      expect(world.receiver.accepted.map(({ sequence }) => sequence)).toEqual([1, 2]);
      world.blobs.tamper(name, whole);
      await world.expectWhole();
      expect(world.receiver.lines()).toHaveLength(world.all.length);
    },
  );
});

describe('a restored old backup of the state', () => {
  it('stops a subscription that the signed head knows further on, and repeats nothing that the head knows', async () => {
    const world = await pulled(1);
    await world.deliver();
    const backup = world.stateOf()?.value;
    await world.add();
    await world.deliver();
    const at = await sign(world);
    await world.add();
    await world.deliver();
    const delivered = world.receiver.accepted.length;
    await world.write(subscriptionPartition, soc.id, backup);
    await world.expectStopped(
      ['deliver'],
      `The state of subscription "soc" in memory is older (sequence 3) than the head signed at ${at} (sequence 6): was an old backup restored?`,
      repairs,
    );
    expect(await world.rebuild()).toMatchObject({
      signedAt: at,
      missingSegments: 0,
      subscriptions: [{ id: 'soc', became: 'signed', sequence: 6 }],
    });
    await world.deliver();
    const repeated = world.receiver.accepted.slice(delivered);
    expect(repeated.map(({ sequence }) => sequence)).toEqual([7, 8, 9]);
    // The state of that moment makes the same batches of the same journal: under the same ids.
    expect(world.receiver.lines()).toHaveLength(15);
    expect(repeated.map(({ id }) => id)).toEqual(world.receiver.accepted.slice(6, 9).map(({ id }) => id));
    await world.expectWhole();
    expect((await readStatus(world.deps(), [soc])).problems).toEqual([]);
  });

  it('stops one that is missing or another than the head knows, and brings it back', async () => {
    for (const spoil of ['missing', 'other'] as const) {
      const world = await pulled(2);
      await world.deliver();
      const at = await sign(world);
      if (spoil === 'missing') world.records.lose(subscriptionPartition, soc.id);
      else
        await world.write(subscriptionPartition, soc.id, {
          ...stateIn(world.stateOf()),
          chain: 'f'.repeat(64),
        });
      await world.expectStopped(['deliver'], `the head signed at ${at}`, repairs);
      const before = world.receiver.accepted.length;
      expect((await world.rebuild()).subscriptions).toMatchObject([{ became: 'signed', sequence: 5 }]);
      await world.deliver();
      expect(world.receiver.accepted.length).toBe(before);
      await world.expectWhole();
    }
  });

  it('lets no head be signed over it, which would cover it up', async () => {
    for (const spoil of ['older', 'missing'] as const) {
      const world = await pulled(1);
      await world.deliver();
      const backup = world.stateOf()?.value;
      await world.add();
      await world.deliver();
      await sign(world);
      if (spoil === 'missing') world.records.lose(subscriptionPartition, soc.id);
      else await world.write(subscriptionPartition, soc.id, backup);
      world.clock.advance(1000);
      await expect(sign(world)).rejects.toThrow('no head was signed');
      await expect(sign(world)).rejects.toThrow(repairs);
      await world.rebuild();
      await sign(world);
      await world.expectWhole();
    }
  });

  it('says how many segments the head knows that a restored journal lacks, and journals their events anew', async () => {
    const world = await pulled(2);
    await sign(world);
    await world.add();
    await world.add();
    await world.deliver();
    await sign(world);
    const gone = world.blobs.names().filter((each) => /0{11}[34][-.]/.test(each));
    for (const name of gone.filter((each) => !each.startsWith('heads/'))) world.blobs.lose(name);
    expect(await world.rebuild()).toMatchObject({
      checkpoint: { head: 2 },
      missingSegments: 2,
      subscriptions: [{ id: 'soc', became: 'shortened', sequence: 10 }],
    });
    await world.expectWhole();
    await expect(sign(world)).rejects.toThrow(OperatorMustFix);
    for (const name of gone.filter((each) => each.startsWith('heads/'))) world.blobs.lose(name);
    await sign(world);
    await world.expectWhole();
  });
});

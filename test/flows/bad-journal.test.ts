/** A journal that is not as it must be: every flow says so and stops, and what repairs it loses nothing. */
import { describe, expect, it } from 'vitest';
import { type Checkpoint, checkpointPartition } from '../../shared/core/checkpoint.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { canonicalText, isIntact, type Manifest, sealManifest } from '../../shared/core/segment.ts';
import { segmentDraft } from '../../shared/core/segment-draft.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { pulled, repairs, soc } from '../support/damaged-world.ts';
import { hitsFrom } from '../support/world.ts';

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
    await world.expectStopped(['pull'], 'move the manifests, segments and heads from number 5 on away');
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

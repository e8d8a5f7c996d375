/** A restored old backup: what was signed contradicts it, and brings it back. */
import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { pulled, repairs, sign, soc, stateIn } from '../support/damaged-world.ts';

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

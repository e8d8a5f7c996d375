import { expect, it } from 'vitest';
import { replaySubscription } from '../../../shared/flows/manage/replay-subscription.ts';
import { managedWorld, ofAcme } from '../../support/managed-world.ts';
import { hitsFrom } from '../../support/world.ts';

it('a subscription whose next events have expired says so, and goes on behind them by the command that it names', async () => {
  const world = await managedWorld({ events: 3 });
  const { id } = (await world.create({ start: 'beginning' })).subscription;
  for (const hour of [13, 14]) {
    world.clock.advance(3_600_000);
    for (const hit of hitsFrom(`2026-03-01T${hour}:00:00Z`, 2)) world.source.add(hit);
    await world.pull();
  }
  const [oldestObject] = world.blobs.names().filter((name) => name.startsWith('segments/'));
  world.blobs.lose(oldestObject ?? '');

  const stuck = world.run(id);
  await expect(stuck).rejects.toThrow(/have expired before they were delivered.*Nothing was skipped/);
  const named = /subscriptions replay (\S+) --from (\d+)/.exec(String(await stuck.catch(String)));
  expect(named?.[1]).toBe(id);
  await expect(replaySubscription(world.deps(), ofAcme, id, { from: 3 })).resolves.toMatchObject({ kind: 'refused' });
  await expect(replaySubscription(world.deps(), ofAcme, id, { from: Number(named?.[2]) })).resolves.toMatchObject({
    kind: 'done',
  });
  await world.run(id);
  expect(world.received()).toHaveLength(4);
  expect(await world.imbalances()).toEqual([]);
  expect(await world.audited()).toContain('subscription-replayed');
});

import { describe, expect, it } from 'vitest';
import { deliverSubscription } from '../../../shared/flows/deliver-subscription.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import { type MemoryDestination, memoryDestination, type Step } from '../../fakes/memory-destination.ts';
import { doneOf, dying, idsIn, managedWorld, ofAcme } from '../../support/managed-world.ts';
import { hitsFrom, idsOf } from '../../support/world.ts';

const all = idsOf(hitsFrom('2026-03-01T11:00:00Z', 20));
const onlyIds = { fields: ['event.id'] };

/** Twenty events in batches of two; the subscription is changed while the second batch is on its way. */
const changedOnTheWay = async (patch: object, answer: Step = 'delivered') => {
  const world = await managedWorld({ events: 20 });
  const { id } = (await world.create()).subscription;
  const inner = memoryDestination();
  let sent = 0;
  const receiver: MemoryDestination = {
    ...inner,
    send: async (...given) => {
      sent += 1;
      if (sent === 2) {
        inner.plan(answer);
        doneOf(await changeSubscription(world.deps(), ofAcme, id, patch));
      }
      return inner.send(...given);
    },
  };
  const line = await world.run(id, receiver);
  return { ...world, id, receiver, line, inTheOpen: () => inner.accepted.filter((batch) => holdsMore(batch.lines)) };
};
const holdsMore = (lines: readonly Uint8Array[]): boolean =>
  lines.some((line) => Buffer.from(line).includes('observer'));

describe('a subscription that is changed while it is delivered to', () => {
  it('ends the run behind the batch under way, and the next sends the rest as it is wanted now', async () => {
    const world = await changedOnTheWay(onlyIds);
    expect(world.line).toMatchObject({ result: 'changed', batches: 2 });
    expect(await world.records.due('subscription', world.clock.nowMs(), 10)).toHaveLength(1);
    expect(await world.run(world.id, world.receiver)).toMatchObject({ result: 'caught up', batches: 8 });
    expect(world.inTheOpen()).toHaveLength(2);
    expect(idsIn(world.receiver.accepted)).toEqual(all);
    expect(await world.imbalances()).toEqual([]);
  });

  it('forms the batch under way anew when its answer was lost', async () => {
    const world = await changedOnTheWay(onlyIds, 'answer lost');
    world.clock.advance(60_000);
    await world.run(world.id, world.receiver);
    expect(world.inTheOpen()).toHaveLength(2);
    expect(new Set(idsIn(world.receiver.accepted))).toEqual(new Set(all));
    expect((await world.state(world.id)).counts).toEqual({ delivered: 20, filtered: 0, deadLetters: 0 });
  });

  it.each([
    ['filter', { filter: { outcome: 'failure' } }],
    ['format', { format: 'ecs-flat' }],
    ['personalData', { personalData: 'hide' }],
    ['headers', { destination: { headers: { 'X-Team': 'another' } } }],
  ])('ends the run for a change of %s too', async (_, patch) => {
    expect((await changedOnTheWay(patch)).line).toMatchObject({ result: 'changed', batches: 2 });
  });

  it('goes on for a change of what is not sent', async () => {
    const { line } = await changedOnTheWay({ description: 'another' });
    expect(line).toMatchObject({ result: 'caught up', batches: 10 });
  });

  it('sends nothing from a run that has read it before the change and its state afterwards', async () => {
    const world = await managedWorld({ events: 20 });
    const { id } = (await world.create()).subscription;
    const old = await world.subscriptionOf(id);
    if (!old) throw new Error('it was made');
    await changeSubscription(world.deps(), ofAcme, id, onlyIds);
    const deps = { ...world.deps(), destination: world.receiver };
    const line = await deliverSubscription(deps, old, { remainingMs: () => Number.POSITIVE_INFINITY });
    expect(line).toMatchObject({ result: 'changed', batches: 0 });
    expect(world.received()).toEqual([]);
    expect(await world.run(id)).toMatchObject({ result: 'caught up', batches: 10 });
  });

  it('goes on with the newest settings at whichever step the change dies', async () => {
    for (const point of ['before', 'after'] as const)
      for (let n = 1; ; n += 1) {
        const world = await managedWorld({ events: 20 });
        const { id } = (await world.create()).subscription;
        await changeSubscription(world.deps(), ofAcme, id, { format: 'ecs-flat' });
        let asked = 0;
        world.records.failWhen(() => {
          asked += 1;
          return asked < n ? undefined : asked === n ? point : 'before';
        });
        await dying(changeSubscription(world.deps(), ofAcme, id, { format: 'ecs', ...onlyIds }));
        world.records.failWhen(() => undefined);
        const isChanged = (await world.subscriptionOf(id))?.fields !== undefined;
        expect(await world.run(id), `step ${n}, ${point}`).toMatchObject({ result: 'caught up', batches: 10 });
        expect(world.receiver.accepted.some(({ lines }) => holdsMore(lines))).toBe(!isChanged);
        if (asked < n) break;
      }
  });
});

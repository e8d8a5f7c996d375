import { describe, expect, it } from 'vitest';
import { objectPrefix } from '../../../shared/core/segment.ts';
import { deadLetterPartition } from '../../../shared/core/subscription-state.ts';
import { openJournal } from '../../../shared/flows/journal/open-journal.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import {
  discardDeadLetter,
  listDeadLetters,
  readDeadLetter,
  retryDeadLetter,
} from '../../../shared/flows/manage/dead-letters.ts';
import { readSubscription } from '../../../shared/flows/manage/read-subscriptions.ts';
import { replaySubscription } from '../../../shared/flows/manage/replay-subscription.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { doneOf, dying, idsIn, managedWorld, ofAcme } from '../../support/managed-world.ts';
import { aHit, hitsFrom, idsOf } from '../../support/world.ts';

/** Seven events in one segment; the receiver never takes the third, until it is mended. */
const oneRefused = async () => {
  const world = await managedWorld();
  const { id } = (await world.create()).subscription;
  const poisoned = idsOf(hitsFrom('2026-03-01T11:00:00Z', 7))[2] ?? '';
  let isMended = false;
  const receiver = memoryDestination({
    otherwise: (batch) => (!isMended && idsIn([batch]).includes(poisoned) ? 'poison' : 'delivered'),
  });
  await world.run(id, receiver);
  const [letter] = doneOf(await listDeadLetters(world.deps(), ofAcme, id, { limit: 10 })).items;
  if (!letter) throw new Error('an event was to be refused');
  return {
    ...world,
    id,
    receiver,
    poisoned,
    letter,
    mend: () => {
      isMended = true;
    },
    letters: async () => doneOf(await listDeadLetters(world.deps(), ofAcme, id, { limit: 10 })).items,
    retry: () => retryDeadLetter(world.deps(), ofAcme, id, letter.id),
  };
};

describe('a dead letter', () => {
  it('says which event it is, what was answered, and shows the event', async () => {
    const { deps, id, letter, poisoned } = await oneRefused();
    expect(letter).toMatchObject({ event: poisoned, answer: 'scripted: poison' });
    const opened = doneOf(await readDeadLetter(deps(), ofAcme, id, letter.id));
    expect(opened.content).toMatchObject({ event: { id: poisoned }, '@timestamp': '2026-03-01T11:00:02.000Z' });
  });

  it('shows no more of its event than would have travelled', async () => {
    const world = await oneRefused();
    await changeSubscription(world.deps(), ofAcme, world.id, { fields: ['event.id'] });
    const opened = doneOf(await readDeadLetter(world.deps(), ofAcme, world.id, world.letter.id));
    expect(opened.content).not.toHaveProperty('observer');
  });

  it('that is sent again and taken counts as delivered, and is gone', async () => {
    const world = await oneRefused();
    expect((await world.state(world.id)).counts).toEqual({ delivered: 6, filtered: 0, deadLetters: 1 });
    const before = world.receiver.accepted.length;
    world.mend();
    await world.retry();
    await world.run(world.id, world.receiver);
    expect(idsIn(world.receiver.accepted.slice(before))).toEqual([world.poisoned]);
    const state = await world.state(world.id);
    expect(state.counts).toEqual({ delivered: 7, filtered: 0, deadLetters: 0 });
    expect(state.sequence).toBe(world.receiver.accepted.length);
    expect(await world.letters()).toEqual([]);
    expect(await world.imbalances()).toEqual([]);
    const sequences = world.receiver.accepted.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, place) => place + 1));
  });

  it('names its event and no other: it is shown, and sent again alone, among events that the filter did not want and now wants', async () => {
    const world = await managedWorld({ events: 50 });
    const only = { from: '2026-03-01T11:00:49.000Z', to: '2026-03-01T11:00:49.500Z' };
    const { id } = (await world.create({ batch: { maxEvents: 100 }, filter: only })).subscription;
    world.receiver.plan('poison');
    await world.run(id);
    const [letter] = doneOf(await listDeadLetters(world.deps(), ofAcme, id, { limit: 10 })).items;
    const record = await world.records.get(deadLetterPartition(id), letter?.id ?? '');
    expect(record?.value).toMatchObject({ from: { segment: 1, index: 49 }, to: { segment: 1, index: 50 } });
    const opened = doneOf(await readDeadLetter(world.deps(), ofAcme, id, letter?.id ?? ''));
    expect(opened.content).toMatchObject({ '@timestamp': only.from });
    await changeSubscription(world.deps(), ofAcme, id, { filter: null });
    await retryDeadLetter(world.deps(), ofAcme, id, letter?.id ?? '');
    await world.run(id);
    expect(world.received()).toEqual([letter?.event]);
    expect((await world.state(id)).counts).toEqual({ delivered: 1, filtered: 49, deadLetters: 0 });
  });

  it('of an older version, which names the whole of its batch, is shown and sent again', async () => {
    const world = await oneRefused();
    const record = await world.records.get(deadLetterPartition(world.id), world.letter.id);
    const older = { ...(record?.value as object), from: { segment: 1, index: 0 }, to: { segment: 1, index: 3 } };
    const place = { partition: deadLetterPartition(world.id), id: world.letter.id };
    await world.records.compareAndSet({ ...place, value: older }, record?.version ?? 0);
    const opened = doneOf(await readDeadLetter(world.deps(), ofAcme, world.id, world.letter.id));
    expect(opened.content).toMatchObject({ event: { id: world.poisoned } });
    world.mend();
    await world.retry();
    await world.run(world.id, world.receiver);
    expect(await world.letters()).toEqual([]);
  });

  it('that is sent again goes alone, although the segment behind it holds nothing of its tenant', async () => {
    const world = await managedWorld({ events: 0 });
    const { id } = (await world.create()).subscription;
    const pulled = async (name: string, tenant: string): Promise<void> => {
      world.source.add(aHit(name, new Date(world.clock.nowMs()).toISOString(), tenant));
      await world.pull();
      await world.run(id);
      world.clock.advance(60_000);
    };
    world.receiver.plan('poison');
    await pulled('a1', 'acme');
    await pulled('b1', 'bolt');
    await pulled('a2', 'acme');
    const [letter] = doneOf(await listDeadLetters(world.deps(), ofAcme, id, { limit: 10 })).items;
    await retryDeadLetter(world.deps(), ofAcme, id, letter?.id ?? '');
    await world.run(id);
    expect(world.received()).toEqual(['closer/a2', 'closer/a1']);
  });

  it('that is refused again stays the one it was', async () => {
    const world = await oneRefused();
    await world.retry();
    await world.run(world.id, world.receiver);
    expect(await world.letters()).toEqual([world.letter]);
    expect((await world.state(world.id)).counts).toEqual({ delivered: 6, filtered: 0, deadLetters: 1 });
    expect((await world.state(world.id)).replay).toBeUndefined();
    expect(await world.imbalances()).toEqual([]);
  });

  it('that is no longer wanted counts as filtered', async () => {
    const world = await oneRefused();
    await changeSubscription(world.deps(), ofAcme, world.id, { filter: { outcome: 'failure' } });
    await world.retry();
    await world.run(world.id, world.receiver);
    expect((await world.state(world.id)).counts).toEqual({ delivered: 6, filtered: 1, deadLetters: 0 });
    expect(await world.letters()).toEqual([]);
    expect(await world.imbalances()).toEqual([]);
  });

  it('that is sent again is counted once, at whichever step the delivery dies', async () => {
    for (const point of ['before', 'after'] as const)
      for (let n = 1; ; n += 1) {
        const world = await oneRefused();
        world.mend();
        await world.retry();
        let asked = 0;
        world.records.failWhen(() => {
          asked += 1;
          return asked < n ? undefined : asked === n ? point : 'before';
        });
        await dying(world.run(world.id, world.receiver));
        world.records.failWhen(() => undefined);
        world.clock.advance(3_600_000);
        await world.run(world.id, world.receiver);
        await world.run(world.id, world.receiver);
        expect((await world.state(world.id)).counts, `step ${n}, ${point}`).toEqual({
          delivered: 7,
          filtered: 0,
          deadLetters: 0,
        });
        expect(await world.letters()).toEqual([]);
        if (asked < n) break;
      }
  });

  it('is written if and only if it is counted, at whichever step the delivery dies before its receiver takes the event', async () => {
    for (const point of ['before', 'after'] as const)
      for (let n = 1; ; n += 1) {
        const world = await managedWorld({ events: 1 });
        const { id } = (await world.create()).subscription;
        world.receiver.plan('poison');
        let asked = 0;
        world.records.failWhen(() => {
          asked += 1;
          return asked < n ? undefined : asked === n ? point : 'before';
        });
        await dying(world.run(id));
        world.records.failWhen(() => undefined);
        world.clock.advance(3_600_000);
        await world.run(id);
        const { deadLetters, delivered } = (await world.state(id)).counts;
        const letters = doneOf(await listDeadLetters(world.deps(), ofAcme, id, { limit: 10 })).items;
        expect([delivered + deadLetters, letters.length], `step ${n}, ${point}`).toEqual([1, deadLetters]);
        expect(world.received()).toHaveLength(delivered);
        expect(await world.imbalances()).toEqual([]);
        if (asked < n) break;
      }
  });

  it('of an event that was accepted after all, as older versions could leave one behind, is sent again and counts for nothing', async () => {
    const world = await managedWorld({ events: 1 });
    const { id } = (await world.create()).subscription;
    await world.run(id);
    const letter = {
      event: 'closer/acme-2026-03-01T11:00:00Z-0',
      from: { segment: 1, index: 0 },
      to: { segment: 2, index: 0 },
      batch: 'msg_of-an-older-version',
      account: 0,
      answer: '400 Bad Request',
      at: '2026-03-01T12:00:00.000Z',
    };
    await world.records.compareAndSet({ partition: deadLetterPartition(id), id: letter.batch, value: letter }, 0);
    doneOf(await retryDeadLetter(world.deps(), ofAcme, id, letter.batch));
    await world.run(id);
    expect((await world.state(id)).counts).toEqual({ delivered: 1, filtered: 0, deadLetters: 0 });
    expect(await world.run(id)).toMatchObject({ result: 'caught up' });
    expect(await world.imbalances()).toEqual([]);
  });

  it('of an account that was begun anew does not touch the new one', async () => {
    const world = await oneRefused();
    await replaySubscription(world.deps(), ofAcme, world.id, { from: 1 });
    expect(await world.retry()).toMatchObject({ kind: 'refused', reason: 'wrong state' });
    world.mend();
    await world.run(world.id, world.receiver);
    expect((await world.state(world.id)).counts).toEqual({ delivered: 7, filtered: 0, deadLetters: 0 });
    await world.retry();
    await world.run(world.id, world.receiver);
    expect((await world.state(world.id)).counts).toEqual({ delivered: 7, filtered: 0, deadLetters: 0 });
    expect(await world.letters()).toEqual([]);
    expect(await world.imbalances()).toEqual([]);
  });

  it('is discarded with a reason, which the audit journal keeps', async () => {
    const world = await oneRefused();
    const answer = await discardDeadLetter(world.deps(), ofAcme, world.id, world.letter.id, { reason: 'not ours' });
    expect(answer).toEqual({ kind: 'done', value: undefined });
    expect(await world.letters()).toEqual([]);
    expect((await world.audited()).at(-1)).toBe('dead-letter-discarded');
    expect(await discardDeadLetter(world.deps(), ofAcme, world.id, world.letter.id, { reason: 'x' })).toEqual({
      kind: 'not found',
    });
    expect(await world.imbalances()).toEqual([]);
    expect(doneOf(await readSubscription(world.deps(), ofAcme, world.id)).progress.deadLetters).toBe(1);
  });

  it('whose event the journal no longer holds says so', async () => {
    const world = await oneRefused();
    for (const name of await world.blobs.list(objectPrefix('closer'), { limit: 10 })) world.blobs.lose(name);
    world.source.add(aHit('new', '2026-03-01T11:59:00.000Z', 'acme'));
    world.clock.advance(3_600_000);
    await world.pull({}, {});
    expect(await openJournal({ store: world.blobs, source: 'closer' }).oldest()).toBeGreaterThan(1);
    expect(doneOf(await readDeadLetter(world.deps(), ofAcme, world.id, world.letter.id)).content).toBeUndefined();
    expect(await world.retry()).toMatchObject({ kind: 'refused', reason: 'not in the journal' });
  });
});

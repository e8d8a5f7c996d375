import { describe, expect, it } from 'vitest';
import { BadBody } from '../../../shared/core/bad-body.ts';
import type { Batch } from '../../../shared/core/batch.ts';
import { pointerTo } from '../../../shared/core/json-pointer.ts';
import { objectPrefix } from '../../../shared/core/segment.ts';
import { openJournal } from '../../../shared/flows/journal/open-journal.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import {
  discardDeadLetter,
  listDeadLetters,
  readDeadLetter,
  retryDeadLetter,
} from '../../../shared/flows/manage/dead-letters.ts';
import { readSubscription } from '../../../shared/flows/manage/read-subscriptions.ts';
import { type ReplayRange, replaySubscription } from '../../../shared/flows/manage/replay-subscription.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { doneOf, dying, type ManagedWorld, managedWorld, ofAcme } from '../../support/managed-world.ts';
import { aHit, hitsFrom, idsOf } from '../../support/world.ts';

const [monday, tuesday, wednesday] = ['2026-03-02', '2026-03-03', '2026-03-04'] as const;
const at = (day: string, time = '08:00:00'): string => `${day}T${time}Z`;
const eventOf = (line: Uint8Array): string => JSON.parse(Buffer.from(line).toString()).event.id;
const idsIn = (batches: readonly Batch[]): readonly string[] => batches.flatMap(({ lines }) => lines.map(eventOf));

/** Three events on each of three days, a segment a day, and one of Tuesday that came on Wednesday; all delivered. */
const threeDays = async () => {
  const world = await managedWorld({ events: 0 });
  const { id } = (await world.create()).subscription;
  for (const day of [monday, tuesday, wednesday]) {
    world.clock.advance(Date.parse(at(day, '12:00:00')) - world.clock.nowMs());
    for (const hit of hitsFrom(at(day), 3)) world.source.add(hit);
    await world.pull();
    await world.run(id);
  }
  world.source.add(aHit('late', at(tuesday, '09:00:00'), 'acme'));
  world.clock.advance(600_000);
  await world.reconcile({ rung: 'horizon', horizonMs: 7 * 86_400_000 });
  await world.run(id);
  const first = [...world.receiver.accepted];
  if (idsIn(first).length !== 10) throw new Error(`ten events were to be delivered; it were ${idsIn(first).length}`);
  return { ...world, id, first, again: () => world.receiver.accepted.slice(first.length) };
};
const replay = (world: ManagedWorld & { readonly id: string }, range: ReplayRange) =>
  replaySubscription(world.deps(), ofAcme, world.id, range);
const ofDay = (day: string): readonly string[] => idsOf(hitsFrom(at(day), 3));

describe('a replay', () => {
  it('from an instant sets the cursor back: all from then on comes again, in batches of new ids, on the same chain', async () => {
    const world = await threeDays();
    expect(doneOf(await replay(world, { from: at(tuesday, '00:00:00') }))).toMatchObject({ state: 'active' });
    await world.run(world.id);
    expect(idsIn(world.again())).toEqual([...ofDay(tuesday), ...ofDay(wednesday), 'closer/late']);
    const ids = world.receiver.accepted.map((batch) => batch.id);
    expect(new Set(ids).size).toBe(ids.length);
    const sequences = world.receiver.accepted.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, place) => place + 1));
    expect(await world.imbalances()).toEqual([]);
  });

  it('with an end brings what is dated in between, what came late too, and then goes on where it was', async () => {
    const world = await threeDays();
    const before = (await world.state(world.id)).cursor;
    const range = { from: at(tuesday, '00:00:00'), to: at(wednesday, '00:00:00') };
    expect(doneOf(await replay(world, range)).progress.replay).toMatchObject({ until: before });
    await world.run(world.id);
    expect(idsIn(world.again())).toEqual([...ofDay(tuesday), 'closer/late']);
    const after = await world.state(world.id);
    expect(after.cursor).toEqual(before);
    expect(after.replay).toBeUndefined();
    expect(after.counts).toEqual({ delivered: 10, filtered: 0, deadLetters: 0 });
    expect(await world.imbalances()).toEqual([]);

    for (const hit of hitsFrom(at('2026-03-04', '12:30:00'), 2)) world.source.add(hit);
    world.clock.advance(3_600_000);
    await world.pull();
    await world.run(world.id);
    expect(idsIn(world.again()).slice(4)).toEqual(idsOf(hitsFrom(at('2026-03-04', '12:30:00'), 2)));
  });

  it('with an end within a segment brings what is dated in between, to the millisecond, and nothing without a time', async () => {
    const world = await threeDays();
    world.source.add(aHit('timeless', undefined, 'acme'));
    world.clock.advance(600_000);
    await world.pull();
    await world.run(world.id);
    const before = world.receiver.accepted.length;
    await replay(world, { from: at(tuesday, '08:00:01'), to: at(tuesday, '08:00:02') });
    await world.run(world.id);
    expect(idsIn(world.receiver.accepted.slice(before))).toEqual(ofDay(tuesday).slice(1, 2));
    expect(await world.imbalances()).toEqual([]);
  });

  it('by segments brings exactly those', async () => {
    const world = await threeDays();
    await replay(world, { from: 2, to: 3 });
    await world.run(world.id);
    expect(idsIn(world.again())).toEqual(ofDay(tuesday));
    expect(await world.imbalances()).toEqual([]);
  });

  it('adds up at every moment, whichever batch was the last that got through', async () => {
    const world = await threeDays();
    await replay(world, { from: at(monday), to: at(wednesday, '23:00:00') });
    for (let sent = 0; sent < 12; sent += 1) {
      let sends = 0;
      const once = memoryDestination({
        otherwise: () => {
          sends += 1;
          return sends > 1 ? 'crash before' : 'delivered';
        },
      });
      await dying(world.run(world.id, once));
      expect(await world.imbalances()).toEqual([]);
      world.clock.advance(3_600_000);
    }
    expect((await world.state(world.id)).replay).toBeUndefined();
    expect((await world.state(world.id)).counts).toEqual({ delivered: 10, filtered: 0, deadLetters: 0 });
  });

  it('waits for the batch whose answer was lost, which keeps its id, and not for all that waits behind it', async () => {
    const world = await threeDays();
    for (const hit of hitsFrom(at('2026-03-04', '12:30:00'), 6)) world.source.add(hit);
    world.clock.advance(3_600_000);
    await world.pull();
    world.receiver.plan('answer lost');
    await world.run(world.id);
    await replay(world, { from: 1, to: 2 });
    world.clock.advance(3_600_000);
    await world.run(world.id);
    const [lost, repeated, ...replayed] = world.again();
    expect(repeated).toEqual(lost);
    const waiting = idsOf(hitsFrom(at('2026-03-04', '12:30:00'), 6));
    expect(idsIn(replayed)).toEqual([...ofDay(monday), ...waiting.slice(2)]);
    expect(await world.imbalances()).toEqual([]);
  });

  it('is refused where there is nothing to replay, and says why', async () => {
    const world = await threeDays();
    expect(await replay(world, { from: at('2026-04-01') })).toMatchObject({ kind: 'refused', reason: 'wrong state' });
    expect(await replay(world, { from: 99 })).toMatchObject({ kind: 'refused', reason: 'wrong state' });
    await replay(world, { from: 1, to: 2 });
    expect(await replay(world, { from: 1, to: 2 })).toMatchObject({ kind: 'refused', reason: 'not now' });
    expect(doneOf(await replay(world, { from: 1 })).progress).toMatchObject({ cursor: { segment: 1, index: 0 } });
  });

  it('of what has expired says from where on the journal holds events', async () => {
    const world = await threeDays();
    const [first] = await world.blobs.list(objectPrefix('closer'), { limit: 1 });
    world.blobs.lose(first ?? '');
    const refused = await replay(world, { from: at(monday) });
    expect(refused).toMatchObject({ kind: 'refused', reason: 'not in the journal' });
    expect(JSON.stringify(refused)).toContain('from segment 2 on, journaled at 2026-03-03T12:00:00.000Z');
  });

  it.each<[ReplayRange, readonly string[]]>([
    [{ from: 'yesterday' }, ['/from']],
    [{ from: '2026-02-30T00:00:00Z' }, ['/from']],
    [{ from: 0 }, ['/from']],
    [{ from: 1.5, to: 'x' }, ['/from', '/to']],
    [{ from: 2, to: 2 }, ['/to']],
    [{ from: at(tuesday), to: at(monday) }, ['/to']],
    [{ from: at(tuesday), to: 4 }, ['/to']],
  ])('of %j is a mistake at its place', async (range, pointers) => {
    const world = await threeDays();
    const error: unknown = await replay(world, range).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadBody);
    expect((error as BadBody).mistakes.map(({ path }) => pointerTo(path))).toEqual(pointers);
  });
});

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

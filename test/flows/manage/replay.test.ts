import { describe, expect, it } from 'vitest';
import { BadBody } from '../../../shared/core/bad-body.ts';
import { pointerTo } from '../../../shared/core/json-pointer.ts';
import { objectPrefix } from '../../../shared/core/segment.ts';
import { type ReplayRange, replaySubscription } from '../../../shared/flows/manage/replay-subscription.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { doneOf, dying, idsIn, type ManagedWorld, managedWorld, ofAcme } from '../../support/managed-world.ts';
import { aHit, hitsFrom, idsOf } from '../../support/world.ts';

const [monday, tuesday, wednesday] = ['2026-03-02', '2026-03-03', '2026-03-04'] as const;
const at = (day: string, time = '08:00:00'): string => `${day}T${time}Z`;

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

  it('with an end in a segment that holds nothing of its tenant does not go beyond it', async () => {
    const world = await threeDays();
    const pulled = async (name: string, tenant: string): Promise<void> => {
      world.clock.advance(600_000);
      world.source.add(aHit(name, new Date(world.clock.nowMs()).toISOString(), tenant));
      await world.pull();
    };
    await pulled('b1', 'bolt');
    await pulled('b2', 'bolt');
    await world.run(world.id);
    await pulled('new', 'acme');
    // Segment 4 holds the late event, 5 and 6 those of bolt, 7 the one of acme that is yet to be delivered.
    await replay(world, { from: 4, to: 6 });
    await world.run(world.id);
    expect(idsIn(world.again())).toEqual(['closer/late', 'closer/new']);
    expect((await world.state(world.id)).counts).toEqual({ delivered: 11, filtered: 0, deadLetters: 0 });
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

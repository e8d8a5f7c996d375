import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../shared/core/batch.ts';
import { shownState } from '../../../shared/core/shown-state.ts';
import { type MemoryDestination, memoryDestination } from '../../fakes/memory-destination.ts';
import { aHeldWorld, seven, soc } from '../../support/held-world.ts';
import { resumeSubscription } from '../../support/resume-subscription.ts';
import { hitsFrom, idsOf } from '../../support/world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const down = { kind: 'retry', answer: '503 Busy' } as const;
const eventIds = (lines: readonly string[]): readonly string[] => lines.map((line) => JSON.parse(line).event.id);

type World = Awaited<ReturnType<typeof aHeldWorld>>;

/** As `start` does it: a look at the due index every so often, a delivery when something is due. */
const live = async (world: World, receiver: MemoryDestination, forMs: number, everyMs = 10 * 60_000) => {
  for (let passedMs = 0; passedMs < forMs; passedMs += everyMs) {
    if ((await world.due()).length > 0) await world.deliver(soc, receiver);
    world.clock.advance(everyMs);
  }
};

describe('an endpoint that is down for long', () => {
  it('is tried by the timetable and no more: fourteen requests in five days, then none', async () => {
    const world = await aHeldWorld();
    const receiver = memoryDestination({ otherwise: () => down });
    await live(world, receiver, 5 * dayMs);
    const tried = receiver.attempts.length;
    expect(tried).toBeGreaterThanOrEqual(10);
    expect(tried).toBeLessThanOrEqual(14);
    await live(world, receiver, 20 * dayMs);
    expect(receiver.attempts.length - tried).toBeLessThanOrEqual(1);
    expect(shownState(await world.state()).state).toBe('disabled');
  });

  it('has its operator told at the 4th failure, daily, a day before it is disabled, and when it is', async () => {
    const world = await aHeldWorld();
    await live(world, memoryDestination({ otherwise: () => down }), 7 * dayMs);
    const kinds = world.alerts.map(({ kind }) => kind);
    expect(kinds[0]).toBe('subscription failing');
    expect(kinds.at(-1)).toBe('subscription disabled');
    expect(kinds.at(-2)).toBe('disabled soon');
    const times = world.alerts.map(({ at }) => Date.parse(at));
    const [told = 0, off = 0] = [times.at(-2), times.at(-1)];
    expect(off - told).toBeGreaterThan(4 * hourMs);
    for (const [n, at] of times.slice(1).entries())
      if (kinds[n + 1] === 'subscription failing') expect(at - (times[n] ?? 0)).toBeGreaterThanOrEqual(dayMs);
    for (const { text } of world.alerts) expect(text).toContain('503 Busy');
  });

  it('goes on at its cursor once it is resumed weeks later: every event once, the failed batch under its old id', async () => {
    const world = await aHeldWorld();
    const receiver = memoryDestination({ otherwise: () => down });
    await live(world, receiver, 6 * dayMs);
    const later = hitsFrom('2026-03-08T09:00:00.000Z', 5);
    for (const hit of later) world.source.add(hit);
    await world.pull();
    world.clock.advance(14 * dayMs);

    const mended = memoryDestination();
    const deps = { journal: world.journal(), records: world.records, clock: world.clock };
    expect((await world.deliver(soc, mended)).result).toBe('disabled');
    expect(await resumeSubscription(deps, soc)).toBe('disabled');
    expect((await world.deliver(soc, mended)).result).toBe('caught up');
    expect(mended.attempts[0]?.batch).toEqual(receiver.attempts[0]?.batch);
    expect(eventIds(mended.lines())).toEqual(idsOf([...seven, ...later]));
    expect(shownState(await world.state())).toEqual({ state: 'active' });
  });

  it('begins a new row of failures after each success: nobody is disabled for five bad days in a month', async () => {
    const world = await aHeldWorld();
    let isDown = true;
    const receiver = memoryDestination({ otherwise: () => (isDown ? down : 'delivered') });
    for (let round = 0; round < 8; round += 1) {
      isDown = true;
      for (const hit of hitsFrom(new Date(world.clock.nowMs() - 60_000).toISOString(), 1)) world.source.add(hit);
      await world.pull();
      await world.deliver(soc, receiver);
      await live(world, receiver, 3 * dayMs);
      isDown = false;
      await live(world, receiver, 2 * dayMs);
    }
    expect(world.alerts.map(({ kind }) => kind)).not.toContain('subscription disabled');
    expect(shownState(await world.state())).toEqual({ state: 'active' });
  });

  it.each([
    ['asks for a second again and again', 1_000, 5 * 60_000],
    ['asks for a year', 365 * dayMs, dayMs],
    ['asks for less than nothing', -5, dayMs * 1.2],
  ])('that %s is neither hammered nor forgotten', async (_, retryAfterMs, longestMs) => {
    const world = await aHeldWorld();
    const asked: Outcome = { kind: 'throttled', answer: '429', retryAfterMs };
    const receiver = memoryDestination({ otherwise: () => asked });
    const waits: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      await world.deliver(soc, receiver);
      const dueAtMs = (await world.dueAtMs()) ?? world.clock.nowMs();
      waits.push(dueAtMs - world.clock.nowMs());
      world.clock.advance(waits.at(-1) ?? 0);
    }
    for (const wait of waits.slice(0, 4)) expect(wait).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(Math.round(longestMs * 1.2));
    expect(receiver.attempts.length).toBeLessThanOrEqual(20);
  });
});

describe('a subscription that fell behind the journal’s retention', () => {
  it('stops and says which events it will not get and how it goes on; it skips nothing', async () => {
    const world = await aHeldWorld({ kind: 'paused', by: 'operator', sinceMs: 0 });
    for (const day of ['2026-03-02', '2026-03-03']) {
      for (const hit of hitsFrom(`${day}T09:00:00.000Z`, 2)) world.source.add(hit);
      world.clock.advance(dayMs);
      await world.pull();
    }
    world.clock.advance(40 * dayMs);
    for (const name of world.blobs.names().filter((each) => /^segments\/closer\/0*[12]-/.test(each)))
      world.blobs.lose(name);
    await world.free();
    const receiver = memoryDestination();
    const failed = world.deliver(soc, receiver);
    await expect(failed).rejects.toThrow(/has come to segment 1, but memory holds events from segment 3 on/);
    await expect(failed).rejects.toThrow(/2026-03-01T09:00:00.*to 2026-03-02T09:00:01/);
    await expect(failed).rejects.toThrow('npx sluice subscriptions replay acme-soc --from 3');
    expect(receiver.attempts).toEqual([]);
    expect((await world.state()).cursor).toEqual({ segment: 1, index: 0 });
  });
});

describe('dead letters', () => {
  it('are told by alert once an hour at most, and by the log each time', async () => {
    const world = await aHeldWorld();
    const [, second = '', , fourth = '', , , seventh = ''] = idsOf(seven);
    const poisoned = [second, fourth, seventh].map((id) => `"${id}"`);
    const told: string[] = [];
    const receiver = memoryDestination({
      otherwise: (batch) => {
        const text = Buffer.concat([...batch.lines]).toString();
        return poisoned.some((id) => text.includes(id)) ? { kind: 'poison', answer: '422' } : 'delivered';
      },
    });
    await world.deliver(soc, receiver, {}, { tell: async ({ kind }) => void told.push(kind) });
    expect(world.alerts.map(({ kind }) => kind)).toEqual(['dead letter', 'dead letter', 'dead letter']);
    expect(told).toEqual(['dead letter']);
    expect(world.records.records().filter(({ partition }) => partition === 'dead-letter/acme-soc')).toHaveLength(3);
  });
});

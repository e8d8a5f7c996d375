import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../shared/core/batch.ts';
import { shownState } from '../../../shared/core/shown-state.ts';
import { type Hold, subscriptionPartition } from '../../../shared/core/subscription-state.ts';
import { deliverSubscription } from '../../../shared/flows/deliver-subscription.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { acme, aFilingWorld } from '../../support/filing-world.ts';
import { aHeldWorld, seven, soc } from '../../support/held-world.ts';
import { idsOf } from '../../support/world.ts';

const hourMs = 3_600_000;
const sinceMs = Date.parse('2026-03-01T08:00:00Z');
const pending: Hold = { kind: 'pending', token: 'abcdefghijklmnopqrstuvwxyz-0123456789_AB', sinceMs };
const paused: Hold = { kind: 'paused', by: 'k7', sinceMs, reason: 'moving house' };
const eventIds = (lines: readonly string[]): readonly string[] => lines.map((line) => JSON.parse(line).event.id);

describe('a paused subscription', () => {
  it('is sent nothing, not even what failed before, and no index brings it back', async () => {
    const world = await aHeldWorld();
    const receiver = memoryDestination({ script: ['retry'] });
    await world.deliver(soc, receiver);
    await world.hold(paused);
    world.clock.advance(48 * hourMs);
    const line = await world.deliver(soc, receiver);
    expect(line.result).toBe('paused');
    expect(receiver.attempts).toHaveLength(1);
    expect(receiver.probes).toEqual([]);
    expect(await world.due()).toEqual([]);
  });

  it('goes on at its cursor once it is resumed: the same batch under the same id', async () => {
    const world = await aHeldWorld();
    const receiver = memoryDestination({ script: ['answer lost'] });
    await world.deliver(soc, receiver);
    await world.hold(paused);
    world.clock.advance(30 * 24 * hourMs);
    await world.deliver(soc, receiver);
    await world.free();
    await world.deliver(soc, receiver);
    expect(receiver.attempts[1]?.batch).toEqual(receiver.attempts[0]?.batch);
    expect(eventIds(receiver.lines())).toEqual(idsOf(seven));
  });

  it('is forgotten by the due index although its state was due when it was paused', async () => {
    const world = await aHeldWorld(paused);
    expect(await world.due()).toEqual([soc.id]);
    expect((await world.deliver(soc, memoryDestination())).result).toBe('paused');
    expect(await world.due()).toEqual([]);
  });

  it('paused while a batch is on its way keeps what came of it, and sends no more', async () => {
    const world = await aHeldWorld();
    const receiver = memoryDestination();
    const line = await world.deliver(soc, {
      ...receiver,
      send: async (...given) => {
        await world.hold(paused);
        return receiver.send(...given);
      },
    });
    expect(line).toMatchObject({ result: 'paused', delivered: 2 });
    expect(await world.state()).toMatchObject({ hold: paused, sequence: 1, counts: { delivered: 2 } });
    await world.free();
    await world.deliver(soc, receiver);
    expect(eventIds(receiver.accepted.flatMap(({ lines }) => lines.map((l) => Buffer.from(l).toString())))).toEqual(
      idsOf(seven),
    );
  });

  it('writes no digest either, and what waits for one brings it back only when it is resumed', async () => {
    const world = aFilingWorld();
    await world.journalEvents(1);
    await world.deliver();
    const stored = await world.records.get(subscriptionPartition, acme.id);
    const value = { ...(await world.state()), hold: paused };
    await world.records.compareAndSet(
      { ...stored, partition: subscriptionPartition, id: acme.id, value },
      stored?.version ?? 0,
    );
    world.clock.advance(2 * hourMs);
    expect((await world.deliver()).result).toBe('paused');
    expect(await world.due()).toEqual([]);
    expect(world.bucket.names().filter((name) => name.startsWith('digests/'))).toEqual([]);
  });

  it('removed while a batch is on its way is not brought back to life', async () => {
    const world = await aHeldWorld();
    const receiver = memoryDestination();
    const line = await world.deliver(soc, {
      ...receiver,
      send: async (...given) => {
        await world.remove();
        return receiver.send(...given);
      },
    });
    expect(line.result).toBe('conflict');
    expect(receiver.attempts).toHaveLength(1);
    await expect(world.state()).rejects.toThrow('has a state');
  });
});

describe('a subscription made by the API that has no state', () => {
  const woken = async (isThere: boolean) => {
    const world = await aHeldWorld();
    await world.remove();
    const receiver = memoryDestination();
    const roster = { fromFile: [], get: async () => (isThere ? soc : undefined) };
    const { records, clock, telemetry } = world;
    const deps = { records, clock, telemetry, journal: world.journal(), destination: receiver, roster };
    const line = deliverSubscription(deps, soc, { remainingMs: () => Number.POSITIVE_INFINITY });
    return { world, receiver, line };
  };

  it('was deleted after it was woken: nothing is sent, and nothing comes of it', async () => {
    const { world, receiver, line } = await woken(false);
    expect((await line).result).toBe('deleted');
    expect(receiver.attempts).toEqual([]);
    await expect(world.state()).rejects.toThrow('has a state');
  });

  it('or has lost it, which is said: it is not begun anew', async () => {
    const { world, receiver, line } = await woken(true);
    await expect(line).rejects.toThrow(/is missing, although the subscription is there.*rebuild-checkpoint/);
    expect(receiver.attempts).toEqual([]);
    await expect(world.state()).rejects.toThrow('has a state');
  });
});

describe('a pending subscription', () => {
  const answers = (...outcomes: readonly Outcome['kind'][]) => {
    const script = [...outcomes];
    return memoryDestination({
      onProbe: () => {
        const kind = script.shift() ?? 'retry';
        const answer = `scripted: ${kind}`;
        return kind === 'delivered' ? { kind, answer, contentSha256: '' } : { kind, answer };
      },
    });
  };

  it('is sent its challenge and nothing else; once it is answered, everything from its cursor on', async () => {
    const world = await aHeldWorld(pending);
    const receiver = answers('retry', 'delivered');
    expect((await world.deliver(soc, receiver)).result).toBe('pending');
    expect(receiver.attempts).toEqual([]);
    expect(receiver.probes).toMatchObject([{ kind: 'challenge', subscription: soc.id, token: pending.token }]);
    expect(shownState(await world.state()).state).toBe('pending');

    world.clock.advance(5_000);
    expect(await world.due()).toEqual([soc.id]);
    const line = await world.deliver(soc, receiver);
    expect(line).toMatchObject({ result: 'caught up', delivered: 7 });
    expect(eventIds(receiver.lines())).toEqual(idsOf(seven));
    expect(await world.state()).not.toHaveProperty('hold');
    expect(new Set(receiver.probes.map(({ id }) => id)).size, 'each challenge has an id of its own').toBe(2);
  });

  it('is asked by the retry timetable, not each time it is woken', async () => {
    const world = await aHeldWorld(pending);
    const receiver = answers();
    const waits = [5_000, 300_000, 1_800_000, 2 * hourMs];
    for (const wait of waits) {
      await world.deliver(soc, receiver);
      await world.deliver(soc, receiver);
      world.clock.advance(wait);
    }
    expect(receiver.probes).toHaveLength(waits.length);
  });

  it('is disabled after 5 days without an answer, which its operator is told beforehand', async () => {
    const world = await aHeldWorld(pending);
    const receiver = answers();
    for (let hour = 0; hour < 24 * 7; hour += 1) {
      await world.deliver(soc, receiver);
      world.clock.advance(hourMs);
    }
    expect(shownState(await world.state())).toMatchObject({
      state: 'disabled',
      reason: expect.stringContaining('never answered the challenge'),
    });
    const kinds = world.alerts.map(({ kind }) => kind);
    expect(kinds[0]).toBe('subscription failing');
    expect(kinds.slice(-2)).toEqual(['disabled soon', 'subscription disabled']);
    expect(receiver.attempts).toEqual([]);
    expect(await world.due()).toEqual([]);
  });

  it('is disabled at once by a 410', async () => {
    const world = await aHeldWorld(pending);
    expect((await world.deliver(soc, answers('gone'))).result).toBe('disabled');
    expect(shownState(await world.state()).reason).toContain('wants no more');
  });

  it.each(['misconfigured', 'poison', 'too large', 'throttled'] as const)(
    'waits after a challenge that came to "%s", and buries nothing',
    async (kind) => {
      const world = await aHeldWorld(pending);
      expect((await world.deliver(soc, answers(kind))).result).toBe('pending');
      expect((await world.state()).counts.deadLetters).toBe(0);
      world.clock.advance(6_000);
      expect(await world.due()).toEqual([soc.id]);
    },
  );

  it('whose challenge changed while it was asked stays pending: an old answer opens nothing', async () => {
    const world = await aHeldWorld(pending);
    const receiver = answers('delivered');
    const line = await world.deliver(soc, {
      ...receiver,
      probe: async (...given) => {
        await world.hold({ ...pending, token: 'another-token-another-token-another-tok' });
        return receiver.probe?.(...given) ?? { kind: 'retry', answer: '' };
      },
    });
    expect(line.result).toBe('conflict');
    expect((await world.state()).hold?.kind).toBe('pending');
    expect(receiver.attempts).toEqual([]);
  });

  it('that goes to nobody who could be asked is not pending at all', async () => {
    const folder = { ...soc, destination: { type: 'folder', path: '/acme' } } as const;
    const world = await aHeldWorld(pending);
    const receiver = answers();
    expect((await world.deliver(folder, receiver)).delivered).toBe(7);
    expect(receiver.probes).toEqual([]);
  });
});

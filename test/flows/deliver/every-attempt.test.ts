import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../../shared/core/errors.ts';
import type { Hold } from '../../../shared/core/subscription-state.ts';
import { attemptsOf } from '../../../shared/flows/deliver/log-attempt.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { aHeldWorld, seven, soc } from '../../support/held-world.ts';
import { idsOf } from '../../support/world.ts';

const pending: Hold = {
  kind: 'pending',
  token: 'abcdefghijklmnopqrstuvwxyz-0123456789_AB',
  sinceMs: Date.parse('2026-03-01T08:00:00Z'),
};

describe('the log of attempts', () => {
  it('has every try, the newest first: challenges, failures and batches, without the events', async () => {
    const world = await aHeldWorld(pending);
    const receiver = memoryDestination({
      script: [{ kind: 'retry', answer: '503 Busy', response: { status: 503, body: 'later', requestId: 'r-1' } }],
    });
    await world.deliver(soc, receiver);
    world.clock.advance(5_000);
    await world.deliver(soc, receiver);
    const log = await attemptsOf(world.records, soc.id, { limit: 100 });
    expect(log.map(({ kind, outcome }) => `${kind}: ${outcome}`).sort()).toEqual([
      'batch: delivered',
      'batch: delivered',
      'batch: delivered',
      'batch: delivered',
      'batch: retry',
      'challenge: delivered',
    ]);
    const failed = log.find(({ outcome }) => outcome === 'retry');
    expect(failed).toMatchObject({ sequence: 1, number: 1, events: 2, status: 503, body: 'later', requestId: 'r-1' });
    expect(log.find(({ number }) => number === 2)).toMatchObject({ batch: failed?.batch, outcome: 'delivered' });
    const [first] = idsOf(seven);
    expect(JSON.stringify(log)).not.toContain(first);
  });

  it('is written, and the operator told, before a run ends whose state cannot be stored', async () => {
    const world = await aHeldWorld();
    world.records.failWhen((operation, target) =>
      operation === 'compareAndSet' && target.startsWith('subscription/') && attempted ? 'before' : undefined,
    );
    let attempted = false;
    let told = 0;
    const alerts = {
      tell: async () => {
        await new Promise(setImmediate);
        told += 1;
      },
    };
    const gone = memoryDestination({ script: ['gone'] });
    const receiver: typeof gone = {
      ...gone,
      send: (...given) => {
        attempted = true;
        return gone.send(...given);
      },
    };
    await expect(world.deliver(soc, receiver, {}, alerts)).rejects.toThrow(RetryLater);
    expect(told).toBe(1);
    expect(await attemptsOf(world.records, soc.id, { limit: 10 })).toHaveLength(1);
  });

  it('that cannot be written holds nothing up', async () => {
    const world = await aHeldWorld();
    world.records.failWhen((operation, target) =>
      operation === 'compareAndSet' && target.startsWith('attempt/') ? 'before' : undefined,
    );
    const line = await world.deliver(soc, memoryDestination());
    expect(line).toMatchObject({ result: 'caught up', delivered: 7 });
    expect(world.notices.filter(({ level }) => level === 'warn')).toHaveLength(4);
  });
});

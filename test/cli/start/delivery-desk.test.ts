import { describe, expect, it } from 'vitest';
import { atItsPlace } from '../../../cli/start/at-its-place.ts';
import { deliveryDesk, type Place, type Turn } from '../../../cli/start/delivery-desk.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { drivenClock } from '../../support/driven-clock.ts';

/** A desk whose deliveries end when the test says so. */
const aDesk = (atOnce: number, tenantOf = (id: string) => id) => {
  const begun: string[] = [];
  const clock = drivenClock();
  const atWork = new Map<string, { readonly end: (turn: Turn) => void; readonly place: Place }>();
  const desk = deliveryDesk(
    (id, place) => {
      begun.push(id);
      const { promise, resolve } = Promise.withResolvers<Turn>();
      atWork.set(id, { end: resolve, place });
      return promise;
    },
    { atOnce, tenantOf, clock },
  );
  const end = async (id: string, turn: Turn = 'done') => {
    atWork.get(id)?.end(turn);
    await clock.pass(0);
  };
  /** From now on it waits for its receiver, until the answer of this is called. */
  const waits = (id: string): (() => Promise<void>) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const answered = atWork.get(id)?.place.during(promise);
    return async () => {
      resolve();
      await answered;
    };
  };
  return { desk, begun, end, waits, clock };
};

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `s${n}`);

describe('the delivery desk', () => {
  it('works for as many at once as it may, and for the next when one ends', async () => {
    const { desk, begun, end } = aDesk(2);
    for (const id of ['a', 'b', 'c']) desk.wake(id);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('lets one slow subscription delay nobody', async () => {
    const { desk, begun, end } = aDesk(2);
    for (const id of ['slow', 'b', 'c', 'd']) desk.wake(id);
    for (const id of ['b', 'c', 'd']) await end(id);
    expect(begun).toEqual(['slow', 'b', 'c', 'd']);
  });

  it('never works for a subscription twice at a time, but looks again when it was woken meanwhile', async () => {
    const { desk, begun, end } = aDesk(8);
    desk.wake('a');
    desk.wake('a');
    desk.wake('a');
    expect(begun).toEqual(['a']);
    await end('a');
    expect(begun).toEqual(['a', 'a']);
    await end('a');
    expect(begun).toEqual(['a', 'a']);
  });

  it('is idle when nobody is at work and nobody waits', async () => {
    const { desk, end } = aDesk(1);
    await desk.idle();
    desk.wake('a');
    desk.wake('b');
    let idle = false;
    const resting = desk.idle().then(() => {
      idle = true;
    });
    await end('a');
    expect(idle).toBe(false);
    await end('b');
    await resting;
    expect(idle).toBe(true);
  });

  it('has one with a great backlog queue again behind everybody, so that all come round', async () => {
    const { desk, begun, end } = aDesk(1);
    for (const id of ['backlog', 'b', 'c']) desk.wake(id);
    await end('backlog', 'more');
    await end('b');
    await end('c');
    expect(begun).toEqual(['backlog', 'b', 'c', 'backlog']);
  });
});

/** `acme1` is a subscription of `acme`. */
const byName = (id: string): string => id.replace(/\d+$/, '');
const of = (tenant: string, count: number): readonly string[] => names(count).map((_, n) => `${tenant}${n + 1}`);

describe('tenants', () => {
  it('take turns, however many subscriptions one of them has', async () => {
    const { desk, begun, end } = aDesk(1, byName);
    for (const id of [...of('acme', 4), 'bolt1', 'bolt2', 'dahlia1']) desk.wake(id);
    for (let ended = 0; ended < begun.length; ended += 1) await end(begun[ended] ?? '');
    expect(begun).toEqual(['acme1', 'acme2', 'bolt1', 'dahlia1', 'acme3', 'bolt2', 'acme4']);
  });

  it('have all the places while nobody else waits, and half of them while somebody does', async () => {
    const { desk, begun, end } = aDesk(4, byName);
    for (const id of of('acme', 9)) desk.wake(id);
    expect(begun).toEqual(of('acme', 4));
    for (const id of of('bolt', 3)) desk.wake(id);
    for (const id of of('acme', 4)) await end(id);
    expect(begun.slice(4)).toEqual(['bolt1', 'bolt2', 'acme5', 'acme6']);
    await end('bolt1');
    expect(begun.slice(8), 'half the places are acme’s').toEqual(['bolt3']);
    await end('bolt2');
    expect(begun.slice(9), 'nobody else waits').toEqual(['acme7']);
  });

  it.each([1, 2, 3, 5])('leave none of %i places empty while anybody waits', async (atOnce) => {
    const { desk, begun } = aDesk(atOnce, byName);
    for (const id of [...of('acme', 9), ...of('bolt', 9)]) desk.wake(id);
    expect(begun).toHaveLength(atOnce);
  });

  it('do not wait for the receivers of another that never answer: a second, not minutes', async () => {
    const { desk, begun, waits, clock } = aDesk(16, byName);
    for (const id of of('dead', 1_000)) desk.wake(id);
    const waited = new Set<string>();
    const pass = async (): Promise<void> => {
      for (const id of begun)
        if (byName(id) === 'dead' && !waited.has(id)) {
          waited.add(id);
          waits(id);
        }
      await clock.pass(500);
    };
    for (let half = 0; half < 20; half += 1) await pass();
    expect(begun.length, 'a quarter of what may be under way is left to others').toBe(48);
    desk.wake('acme1');
    expect(begun.at(-1)).toBe('acme1');
  });
});

describe('receivers that do not answer', () => {
  it('keep their places for a second, and then nobody from working', async () => {
    const { desk, begun, waits, clock } = aDesk(2);
    for (const id of ['dead1', 'dead2', 'a', 'b']) desk.wake(id);
    waits('dead1');
    waits('dead2');
    await clock.pass(999);
    expect(begun).toEqual(['dead1', 'dead2']);
    await clock.pass(1);
    expect(begun).toEqual(['dead1', 'dead2', 'a', 'b']);
  });

  it('count again once they answer: no more work at a time than may', async () => {
    const { desk, begun, end, waits, clock } = aDesk(1);
    for (const id of ['slow', 'a', 'b']) desk.wake(id);
    const answer = waits('slow');
    await clock.pass(1_000);
    expect(begun).toEqual(['slow', 'a']);
    await answer();
    await end('a');
    expect(begun, 'slow is at work again').toEqual(['slow', 'a']);
    await end('slow');
    expect(begun).toEqual(['slow', 'a', 'b']);
  });

  it('that answer within a second change nothing', async () => {
    const { desk, begun, waits, clock } = aDesk(1);
    for (const id of ['quick', 'a']) desk.wake(id);
    await waits('quick')();
    await clock.pass(5_000);
    expect(begun).toEqual(['quick']);
  });

  it('are no more than four times as many as may work: what they hold lies in memory', async () => {
    const { desk, begun, waits, clock } = aDesk(2);
    for (const id of names(20)) desk.wake(id);
    for (let round = 0; round < 10; round += 1) {
      for (const id of begun) waits(id);
      await clock.pass(1_000);
    }
    expect(begun).toHaveLength(8);
  });

  it('are waited for at their place whatever is asked of them', async () => {
    const asked: string[] = [];
    const place: Place = {
      during: (exchange) => {
        asked.push('waited');
        return exchange;
      },
    };
    const destination = atItsPlace(
      { ...memoryDestination(), attest: async () => ({ kind: 'written', answer: '' }) },
      place,
    );
    const probe = { kind: 'test', id: 'msg_1', subscription: 'a', at: '2026-03-01T12:00:00.000Z' } as const;
    await destination.probe?.(probe, { number: 1 });
    await destination.attest?.({} as never);
    expect(asked).toHaveLength(2);
  });
});

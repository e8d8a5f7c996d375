import { describe, expect, it } from 'vitest';
import { deliveryDesk } from '../../../cli/start/delivery-desk.ts';

/** A desk whose deliveries end when the test says so. */
const aDesk = (atOnce: number) => {
  const begun: string[] = [];
  const atWork = new Map<string, () => void>();
  const desk = deliveryDesk(
    (id) => {
      begun.push(id);
      const { promise, resolve } = Promise.withResolvers<void>();
      atWork.set(id, resolve);
      return promise;
    },
    { atOnce },
  );
  const end = async (id: string) => {
    atWork.get(id)?.();
    await new Promise(setImmediate);
  };
  return { desk, begun, end };
};

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
});

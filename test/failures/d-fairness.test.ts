import { describe, expect, it } from 'vitest';
import { atItsPlace } from '../../cli/start/at-its-place.ts';
import { deliveryDesk } from '../../cli/start/delivery-desk.ts';
import { drivenClock } from '../support/driven-clock.ts';
import { hostileAnswers } from '../support/hostile-answers.ts';
import { hostileReceiver } from '../support/hostile-receiver.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers } from '../support/receiver.ts';
import { aDelivery, idsIn } from './d-stage.ts';
import { documentsFrom, hitOf, idsOf } from './stage.ts';

useRealHttp();

const names = Array.from({ length: 20 }, (_, n) => `soc-${n}`);
const dead = 'soc-7';
const others = names.filter((name) => name !== dead);

/** Twenty webhooks at a desk of four places, one of which never answers; the answers to the others are `held` until they are let go. */
const aDesk = async () => {
  const held: (() => void)[] = [];
  let wanted = { count: 0, there: () => {} };
  const deadIsAsked = Promise.withResolvers<void>();
  const answer: Answer = (response, request) => {
    if (request.url === `/${dead}`) {
      deadIsAsked.resolve();
      return hostileAnswers.never(response, request);
    }
    held.push(() => answers.status(200)(response, request));
    if (held.length === wanted.count) wanted.there();
  };
  const hooks = await hostileReceiver({ answer });
  const delivery = await aDelivery(2);
  const clock = drivenClock();
  const origin = new URL(hooks.url).origin;
  const webhooks = new Map(names.map((id) => [id, delivery.webhook(`${origin}/${id}`, { subscription: { id } })]));
  const desk = deliveryDesk(
    async (id, place) => {
      const webhook = webhooks.get(id);
      if (webhook) await delivery.deliver(atItsPlace(webhook, place), { id });
      return 'done';
    },
    { atOnce: 4, tenantOf: (id) => id, clock },
  );
  /** Resolves when so many requests of the others wait for their answers. */
  const holds = (count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wanted = { count, there: resolve };
    if (held.length === count) resolve();
    return promise;
  };
  const letGo = (): void => {
    for (const go of held.splice(0)) go();
  };
  return { ...delivery, hooks, desk, holds, letGo, deadIsAsked: deadIsAsked.promise, deskClock: clock };
};

describe('TLS on loopback', () => {
  it('D9 one of twenty receivers never answers: the others have all places of the desk and get every event, while its own exchange lasts', async () => {
    const { hooks, desk, holds, letGo, deadIsAsked, deskClock, ids, ...delivery } = await aDesk();
    await using _ = hooks;
    const all = [...ids];
    const receivedBy = (name: string) =>
      hooks.received.filter(({ path }) => path === `/${name}`).flatMap((each) => idsIn(each));

    desk.wake(dead);
    await deadIsAsked;
    await deskClock.pass(1_000);
    for (const name of others) desk.wake(name);
    // Four at a time, as if there were no dead one: 4, 4, 4, 4 and the last 3.
    const oneWave = async (): Promise<void> => {
      for (const places of [4, 4, 4, 4, 3]) {
        await holds(places);
        letGo();
      }
    };
    for (let wave = 0; wave < 5; wave += 1) {
      await oneWave();
      const more = documentsFrom(`closer-${wave}`, `2026-03-01T11:59:${wave}0.000Z`, 2);
      for (const document of more) delivery.source.add(hitOf(document));
      await delivery.pull();
      for (const name of names) desk.wake(name);
      all.push(...idsOf(more));
    }
    await oneWave();
    for (const name of others) expect(receivedBy(name)).toEqual(all);
    expect(receivedBy(dead)).toEqual(ids);
    expect(delivery.state(dead)).toMatchObject({ cursor: { segment: 1, index: 0 }, sequence: 0 });

    // What it has missed is not lost: it comes once the receiver is there again.
    await hooks[Symbol.asyncDispose]();
    await desk.idle();
    expect(delivery.state(dead)).toMatchObject({ health: { failures: 1 } });
    await using back = await hostileReceiver();
    await delivery.resume(dead);
    await delivery.deliver(delivery.webhook(back.url, { subscription: { id: dead } }), { id: dead });
    expect(back.received.flatMap(idsIn)).toEqual(all);
  });
});

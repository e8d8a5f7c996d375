import { describe, expect, it } from 'vitest';
import { hostileAnswers } from '../support/hostile-answers.ts';
import { hostileReceiver } from '../support/hostile-receiver.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers } from '../support/receiver.ts';
import { aDelivery, contentsById, idsIn, webhookIdOf } from './d-stage.ts';

useRealHttp();

const oneByOne = { batch: { maxEvents: 1, maxBytes: 1_000_000, maxDelaySeconds: 0 } };
const twoByTwo = { batch: { ...oneByOne.batch, maxEvents: 2 } };

/** Takes the request and keeps it until `release` is called. */
const held = () => {
  const taken = Promise.withResolvers<void>();
  let release = (): void => undefined;
  const answer: Answer = (response) => {
    release = () => void response.writeHead(200).end();
    taken.resolve();
  };
  return { answer, taken: taken.promise, release: () => release() };
};

describe('TLS on loopback', () => {
  it('D10 two deliverers take the same subscription at once: one request for each batch, each event once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await using hooks = await hostileReceiver();
      const delivery = await aDelivery(12);
      const both = [delivery.webhook(hooks.url), delivery.webhook(hooks.url)];
      const lines = await Promise.all(both.map((webhook) => delivery.deliver(webhook, oneByOne)));
      for (const webhook of both) await delivery.deliver(webhook, oneByOne);
      expect(hooks.received.flatMap(idsIn)).toEqual(delivery.ids);
      expect(new Set(hooks.received.map(webhookIdOf)).size).toBe(12);
      expect(lines.map(({ result }) => result)).toContain('caught up');
      expect(delivery.state()).toMatchObject({ sequence: 12, counts: { delivered: 12 } });
    }
  });

  it('D10 a deliverer hangs until its claim has ended and a second one takes over: the same bytes under the same id, and the late one moves nothing', async () => {
    await using hooks = await hostileReceiver();
    const delivery = await aDelivery(6);
    const hold = held();
    hooks.answerWith(hold.answer, answers.status(500), hostileAnswers.closesWithoutAnAnswer);
    const late = delivery.deliver(delivery.webhook(hooks.url), twoByTwo);
    await hold.taken;
    expect((await delivery.deliver(delivery.webhook(hooks.url), twoByTwo)).result).toBe('claimed by another');
    expect(hooks.received).toHaveLength(1);

    // The claim lasts a minute. The next one fails with it first, so that its end is passed on once more.
    delivery.clock.advance(61_000);
    await delivery.deliver(delivery.webhook(hooks.url), twoByTwo);
    expect(delivery.lastOutcome()).toBe('retry');
    delivery.clock.advance(10_000);
    await delivery.deliver(delivery.webhook(hooks.url), twoByTwo);
    expect(delivery.state()).toMatchObject({ sequence: 3, cursor: { segment: 2, index: 0 } });
    const before = delivery.state();
    hold.release();
    // It looked once more, and nothing was left.
    expect(await late).toMatchObject({ result: 'caught up', delivered: 0 });
    expect(delivery.state()).toEqual(before);

    expect([...contentsById(hooks.received).values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    const batches = new Map(hooks.received.map((request) => [webhookIdOf(request), idsIn(request)]));
    expect([...batches.values()].flat()).toEqual(delivery.ids);
  });
});

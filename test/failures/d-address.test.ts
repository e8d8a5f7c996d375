import { describe, expect, it } from 'vitest';
import type { Resolve } from '../../shared/adapters/checked-lookup.ts';
import { hostileAnswers } from '../support/hostile-answers.ts';
import { hostileReceiver } from '../support/hostile-receiver.ts';
import { useRealHttp } from '../support/real-http.ts';
import { aDelivery, idsIn } from './d-stage.ts';

useRealHttp();

const oneByOne = { batch: { maxEvents: 1, maxBytes: 1_000_000, maxDelaySeconds: 0 } };

/** A name server that answers something else each time it is asked. */
const changing = (...script: readonly (readonly string[])[]) => {
  let asked = 0;
  const resolve: Resolve = async () => {
    asked += 1;
    return script[asked - 1] ?? script.at(-1) ?? [];
  };
  return { resolve, asked: () => asked };
};

describe('TLS on loopback', () => {
  it('D12 the name of a receiver answers another address after it was checked: the connection is pinned to the checked one, the next is refused', async () => {
    await using hooks = await hostileReceiver();
    const delivery = await aDelivery(3);
    const names = changing(['127.0.0.1'], ['169.254.169.254']);
    const webhook = delivery.webhook(hooks.url, { resolve: names.resolve });
    await delivery.deliver(webhook, oneByOne);
    expect(hooks.received.flatMap(idsIn)).toEqual(delivery.ids);
    expect({ asked: names.asked(), connections: hooks.connections() }).toEqual({ asked: 1, connections: 1 });

    // The kept connection breaks, and the name leads inside now: whatever it is asked for, nothing goes there.
    const moved = await aDelivery(3);
    const then = changing(['127.0.0.1'], ['169.254.169.254']);
    hooks.answerWith(hostileAnswers.answersAndCloses, hostileAnswers.destroysTheConnection);
    await moved.deliver(moved.webhook(hooks.url, { resolve: then.resolve }), oneByOne);
    expect(moved.lastOutcome()).toBe('misconfigured');
    expect(moved.lastAnswer()).toContain('is not on the public internet');
    expect(moved.state()).toMatchObject({ cursor: { segment: 1, index: 1 }, health: { status: 'paused' } });
    expect(moved.alerts).toMatchObject([{ kind: 'subscription paused' }]);
    expect(hooks.connections()).toBe(2);
  });

  it('D12 the name of a receiver has public and private addresses at once: refused, whichever comes first, and nothing is sent', async () => {
    await using hooks = await hostileReceiver();
    const mixtures = [
      ['127.0.0.1', '10.0.0.1'],
      ['192.168.0.7', '127.0.0.1'],
      ['127.0.0.1', '::1'],
      ['127.0.0.1', '::ffff:10.0.0.1'],
      ['127.0.0.1', '64:ff9b::a00:1'],
    ];
    for (const addresses of mixtures) {
      const delivery = await aDelivery(3);
      await delivery.deliver(delivery.webhook(hooks.url, { resolve: async () => addresses }));
      expect({ addresses, outcome: delivery.lastOutcome() }).toEqual({ addresses, outcome: 'misconfigured' });
      expect(delivery.state()).toMatchObject({ cursor: { segment: 1, index: 0 }, health: { status: 'paused' } });
    }
    expect(hooks.connections()).toBe(0);
  });
});

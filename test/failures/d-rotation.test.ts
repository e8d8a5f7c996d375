import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { Subscription } from '../../shared/core/subscription.ts';
import { subscriptionSecret } from '../../shared/core/webhook/signature.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { rootKey } from '../support/a-webhook.ts';
import { hostileReceiver } from '../support/hostile-receiver.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers, type Received } from '../support/receiver.ts';
import { aDelivery, aMinuteMs, anHourMs, contentsById, idsIn, webhookIdOf } from './d-stage.ts';

useRealHttp();

const oneByOne = { batch: { maxEvents: 1, maxBytes: 1_000_000, maxDelaySeconds: 0 } };
const newKey = 'another root key of thirty-two characters';

/** Whether a receiver that knows this one secret takes the request: one of the signatures is the one that Standard Webhooks makes of it. */
const verifies = (secret: string, request: Received): boolean => {
  const at = new Date(Number(request.headers['webhook-timestamp']) * 1000);
  const expected = new Webhook(secret).sign(webhookIdOf(request), at, request.body.toString('utf8'));
  return (request.headers['webhook-signature'] ?? '').split(' ').includes(expected);
};

const signaturesOf = ({ headers }: Received): number => (headers['webhook-signature'] ?? '').split(' ').length;

/** A receiver that knows one secret at a time and refuses what that does not verify. Every second request it takes fails, so that one is always in flight. */
const verifyingReceiver = async (first: string) => {
  let secret = first;
  let taken = 0;
  const rejected: string[] = [];
  const answer: Answer = (response, request) => {
    const last = hooks.received.at(-1);
    if (!last || !verifies(secret, last)) {
      rejected.push(last ? webhookIdOf(last) : '');
      return answers.status(401)(response, request);
    }
    taken += 1;
    return answers.status(taken % 2 === 1 ? 500 : 200)(response, request);
  };
  const hooks = await hostileReceiver({ answer });
  const learn = (next: string): void => {
    secret = next;
  };
  return { hooks, learn, rejected, [Symbol.asyncDispose]: hooks[Symbol.asyncDispose] };
};

type Verifying = Awaited<ReturnType<typeof verifyingReceiver>>;
type Delivery = Awaited<ReturnType<typeof aDelivery>>;

/** The batch that failed is sent again and taken; the next one is sent and fails. */
const next = async (delivery: Delivery, webhook: ReturnType<Delivery['webhook']>): Promise<void> => {
  delivery.clock.advance(aMinuteMs);
  await delivery.deliver(webhook, oneByOne);
};

const expectNothingRejected = ({ hooks, rejected }: Verifying, delivery: Delivery): void => {
  expect(rejected).toEqual([]);
  expect([...contentsById(hooks.received).values()].map(({ size }) => size)).toEqual([1, 1, 1, 1, 1]);
  expect([...new Set(hooks.received.flatMap(idsIn))]).toEqual(delivery.ids.slice(0, 5));
  expect(delivery.state()).toMatchObject({ sequence: 4, health: { status: 'active' } });
};

describe('TLS on loopback', () => {
  it('D14 the root key is replaced while batches are in flight: both signatures until that is over, and whichever side is first, nothing is rejected', async () => {
    const [before, after] = [subscriptionSecret(rootKey, 'soc'), subscriptionSecret(newKey, 'soc')];
    await using receiver = await verifyingReceiver(before);
    const delivery = await aDelivery(8);
    const secrets = memorySecrets({ rootKey });
    const webhook = delivery.webhook(receiver.hooks.url, { secrets });
    await next(delivery, webhook);
    secrets.rotate('rootKey', newKey);
    await next(delivery, webhook);
    await next(delivery, webhook);
    receiver.learn(after);
    await next(delivery, webhook);
    // Without a previous one: the rotation is over.
    secrets.rotate('rootKey', newKey);
    await next(delivery, webhook);
    expectNothingRejected(receiver, delivery);
    expect(receiver.hooks.received.map(signaturesOf)).toEqual([1, 2, 2, 2, 2, 2, 2, 1, 1]);
    expect(verifies(before, receiver.hooks.received.at(-1) as Received)).toBe(false);
  });

  it('D14 the secret of one subscription is replaced while batches are in flight: both signatures for the overlap, and whichever side is first, nothing is rejected', async () => {
    const [before, after] = [subscriptionSecret(rootKey, 'soc', 1), subscriptionSecret(rootKey, 'soc', 2)];
    await using receiver = await verifyingReceiver(before);
    const delivery = await aDelivery(8);
    const webhook = (secret?: Subscription['secret']) =>
      delivery.webhook(receiver.hooks.url, { ...(secret && { subscription: { secret } }) });
    await next(delivery, webhook());
    const untilMs = delivery.clock.nowMs() + 24 * anHourMs;
    const rotated = { version: 2, previous: { version: 1, untilMs } };
    await next(delivery, webhook(rotated));
    await next(delivery, webhook(rotated));
    receiver.learn(after);
    await next(delivery, webhook(rotated));
    delivery.clock.advance(24 * anHourMs);
    await next(delivery, webhook(rotated));
    expectNothingRejected(receiver, delivery);
    expect(receiver.hooks.received.map(signaturesOf)).toEqual([1, 2, 2, 2, 2, 2, 2, 1, 1]);
    expect(verifies(before, receiver.hooks.received.at(-1) as Received)).toBe(false);
  });
});

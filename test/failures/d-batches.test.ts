import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../shared/core/filter-parse.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { deadLetterPartition } from '../../shared/core/subscription-state.ts';
import { aBatch } from '../support/a-batch.ts';
import { socketsUsedDuring } from '../support/client-sockets.ts';
import { hostileConnections } from '../support/hostile-connections.ts';
import { certificates, hooksHost, hooksUrl, hostilePort, hostileReceiver } from '../support/hostile-receiver.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers, type Received } from '../support/receiver.ts';
import { aDelivery, aMinuteMs, anHourMs, contentsById, idsIn, webhookIdOf } from './d-stage.ts';

useRealHttp();

const bothAuthorities = [certificates.hooks.cert, certificates.expired.cert].join('\n');

/** Answers by what the request holds: the last of `received` is the one to be answered. */
const judging =
  (received: () => readonly Received[], judge: (request: Received) => Answer): Answer =>
  (response, request) => {
    const last = received().at(-1);
    if (last) judge(last)(response, request);
  };

describe('TLS on loopback', () => {
  it('D6 one event in the middle of a batch can never be accepted: it ends in the dead letters with the words of the receiver, the rest arrive', async () => {
    for (const status of [400, 422]) {
      const delivery = await aDelivery(9);
      const poison = delivery.ids[4] ?? '';
      const refuses = answers.status(status, {}, '{"error":"field geo.location is no point"}');
      await using hooks = await hostileReceiver({
        answer: judging(
          () => hooks.received,
          (request) => (idsIn(request).includes(poison) ? refuses : answers.status(204)),
        ),
      });
      await delivery.deliver(delivery.webhook(hooks.url));
      const accepted = hooks.received.map(idsIn).filter((ids) => !ids.includes(poison));
      expect(accepted.flat()).toEqual(delivery.ids.filter((id) => id !== poison));
      const letters = delivery.records.records().filter(({ partition }) => partition === deadLetterPartition('soc'));
      expect(letters.map(({ value }) => value)).toEqual([
        expect.objectContaining({ event: poison, answer: expect.stringContaining('field geo.location is no point') }),
      ]);
      expect(delivery.state()).toMatchObject({
        cursor: { segment: 2, index: 0 },
        counts: { delivered: 8, filtered: 0, deadLetters: 1 },
        health: { status: 'active', failures: 0 },
      });
      expect([...contentsById(hooks.received).values()].every(({ size }) => size === 1)).toBe(true);
      expect(delivery.notices.map(({ message }) => message)).toEqual([expect.stringContaining('dead letters')]);
    }
  });

  it('D6 a batch is too large for the receiver, which says so before it has read it: halved until it fits, each event once', async () => {
    const delivery = await aDelivery(40);
    await using hooks = await hostileReceiver({
      answer: judging(
        () => hooks.received,
        (request) => answers.status(idsIn(request).length > 12 ? 413 : 200),
      ),
    });
    await delivery.deliver(delivery.webhook(hooks.url));
    const accepted = hooks.received.map(idsIn).filter(({ length }) => length <= 12);
    expect(accepted.flat()).toEqual(delivery.ids);

    // More than the buffers of the kernel take: the answer comes while most of the request is still ours.
    const large = { ...aBatch(), lines: Array.from({ length: 30 }, () => Buffer.alloc(1_000_000, '1')) };
    for (const act of [hostileConnections.answersBeforeTheBody(413), hostileConnections.answersAndStopsReading(413)]) {
      await using port = await hostilePort(act);
      const sockets = await socketsUsedDuring(async () => {
        expect((await delivery.webhook(port.url).send(large, { number: 1 })).kind).toBe('too large');
      });
      // What nobody reads is not kept waiting in memory.
      expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
    }
  });

  it('D7 a 200 tells in its body of items it did not take, as _bulk, OTLP and HEC do: for a webhook the status speaks for the whole batch', async () => {
    const partial = '{"errors":true,"partialSuccess":{"rejectedLogRecords":3},"items":[{"create":{"status":429}}]}';
    await using hooks = await hostileReceiver({ answer: answers.status(200, {}, partial) });
    const delivery = await aDelivery();
    await delivery.deliver(delivery.webhook(hooks.url));
    expect(hooks.received.flatMap(idsIn)).toEqual(delivery.ids);
    expect(delivery.state()).toMatchObject({ sequence: 1, counts: { delivered: 6, deadLetters: 0 } });

    // 207 is a 2xx, 206 too. Any other status is of the whole batch as well: all of it comes again, under one id.
    hooks.answerWith(answers.status(207, {}, partial));
    const other = await aDelivery();
    const webhook = other.webhook(hooks.url);
    await other.deliver(webhook);
    expect(other.lastOutcome()).toBe('delivered');
    const before = hooks.received.length;
    const failing = await aDelivery();
    hooks.answerWith(answers.status(500, {}, partial));
    await failing.deliverFor(failing.webhook(hooks.url), aMinuteMs, 10_000);
    const [refused, again] = hooks.received.slice(before);
    expect(again && [webhookIdOf(again), again.body]).toEqual(refused && [webhookIdOf(refused), refused.body]);
  });

  it('D8 the credentials of a receiver are revoked: paused and told after four attempts, the cursor kept; mended, it goes on where it stopped', async () => {
    const two = { batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } };
    for (const status of [401, 403])
      for (const mended of ['noticed by itself', 'resumed by a person'] as const) {
        let revoked = false;
        const answer: Answer = (response, request) => {
          answers.status(revoked ? status : 200)(response, request);
          revoked = true;
        };
        await using hooks = await hostileReceiver({ answer });
        const delivery = await aDelivery(4);
        const webhook = delivery.webhook(hooks.url);
        for (let minute = 0; minute < 3 * 60; minute += 1) {
          await delivery.deliver(webhook, two);
          delivery.clock.advance(aMinuteMs);
        }
        expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual([
          'delivered',
          ...['retry', 'retry', 'retry'],
          ...['misconfigured', 'misconfigured'],
        ]);
        expect(delivery.state()).toMatchObject({
          cursor: { segment: 1, index: 2 },
          sequence: 1,
          health: { status: 'paused', lastAnswer: expect.stringContaining(String(status)) },
        });
        expect(delivery.alerts).toEqual([
          expect.objectContaining({ kind: 'subscription paused', text: expect.stringContaining(String(status)) }),
        ]);

        const refused = hooks.received.length;
        hooks.answerWith(...Array.from({ length: 9 }, () => answers.status(200)));
        if (mended === 'resumed by a person') await delivery.resume();
        else delivery.clock.advance(6 * anHourMs);
        await delivery.deliver(webhook, two);
        expect([hooks.received[0], hooks.received[refused]].flatMap((each) => (each ? idsIn(each) : []))).toEqual(
          delivery.ids,
        );
        expect(hooks.received).toHaveLength(refused + 1);
        expect([...contentsById(hooks.received).values()].map(({ size }) => size)).toEqual([1, 1]);
        expect(delivery.state()).toMatchObject({ health: { status: 'active', failures: 0 }, counts: { delivered: 4 } });
      }
  });

  it('D8 the certificate of a receiver has expired, is vouched for by nobody, or is for another name: nothing is sent, paused and told; renewed, it goes on', async () => {
    const wrong = [
      { certificate: 'expired', host: hooksHost, ca: bothAuthorities, says: 'expired' },
      { certificate: 'hooks', host: hooksHost, ca: certificates.expired.cert, says: 'self-signed' },
      { certificate: 'hooks', host: 'other.acme.example', ca: bothAuthorities, says: 'altnames' },
    ] as const;
    for (const { certificate, host, ca, says } of wrong) {
      await using bad = await hostileReceiver({ certificate });
      const delivery = await aDelivery(3);
      await delivery.deliverFor(delivery.webhook(hooksUrl(bad.port, host), { ca }), anHourMs);
      expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['retry', 'retry', 'retry', 'misconfigured']);
      expect({ received: bad.received, answer: delivery.lastAnswer() }).toEqual({
        received: [],
        answer: expect.stringMatching(new RegExp(`The certificate is not accepted: .*${says}.*NODE_EXTRA_CA_CERTS`)),
      });
      expect(delivery.alerts).toMatchObject([{ kind: 'subscription paused' }]);

      await using renewed = await hostileReceiver();
      await delivery.deliverFor(delivery.webhook(renewed.url), 4 * anHourMs);
      expect(renewed.received.flatMap(idsIn)).toEqual(delivery.ids);
      expect(delivery.state()).toMatchObject({ health: { status: 'active', failures: 0 } });
    }
  });

  it('D11 the configuration changes between two attempts of a claimed batch: it is formed anew under a new id, and no id ever has other content', async () => {
    const changes: readonly Partial<Subscription>[] = [
      { filter: parseFilter({ from: '2026-03-01T09:00:02.000Z' }) },
      { format: 'ecs-flat' },
      { fields: ['observer'] },
      { personalData: 'hide' },
    ];
    const settled: readonly Partial<Subscription>[] = [
      { description: 'for the night shift' },
      { batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 60 } },
    ];
    for (const [change, isAnother] of [
      ...changes.map((each) => [each, true] as const),
      ...settled.map((each) => [each, false] as const),
    ]) {
      await using hooks = await hostileReceiver();
      hooks.answerWith(answers.status(500), answers.status(500), answers.status(500));
      const delivery = await aDelivery();
      const attempt = async (subscription: Partial<Subscription>) => {
        const { format = 'ecs', ...others } = subscription;
        await delivery.deliver(delivery.webhook(hooks.url, { format, subscription: others }), subscription);
        delivery.clock.advance(anHourMs);
      };
      await attempt({});
      await attempt(change);
      // Back again: the first id may come again, with what it had.
      await attempt({});
      await attempt(change);
      const [first, changed, back, last] = hooks.received.map(webhookIdOf);
      expect(back).toBe(first);
      expect(last).toBe(changed);
      expect({ change, isAnother: changed !== first }).toEqual({ change, isAnother });
      expect([...contentsById(hooks.received).values()].map(({ size }) => size)).toEqual(isAnother ? [1, 1] : [1]);
      expect(delivery.state().sequence).toBeGreaterThanOrEqual(1);
    }
  });
});

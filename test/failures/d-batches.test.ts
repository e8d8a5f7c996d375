import { describe, expect, it } from 'vitest';
import { deadLetterPartition } from '../../shared/core/subscription-state.ts';
import { aBatch } from '../support/a-batch.ts';
import { socketsUsedDuring } from '../support/client-sockets.ts';
import { hostileConnections } from '../support/hostile-connections.ts';
import { hostilePort, hostileReceiver } from '../support/hostile-receiver.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers, type Received } from '../support/receiver.ts';
import { aDelivery, contentsById, idsIn } from './d-stage.ts';

useRealHttp();

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
});

import { describe, expect, it } from 'vitest';
import { socketsUsedDuring } from '../support/client-sockets.ts';
import { hostileAnswers } from '../support/hostile-answers.ts';
import { hostileConnections } from '../support/hostile-connections.ts';
import { hostilePort, hostileReceiver } from '../support/hostile-receiver.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers, type Received, receiver } from '../support/receiver.ts';
import { aDelivery, anHourMs, contentsById, idsIn, webhookIdOf } from './d-stage.ts';

useRealHttp();

const kibibyte = 1024;

/** What the sender makes of a receiver that does this to every request. */
const meets = async (answer: Answer, exchangeMs: number) => {
  await using hooks = await hostileReceiver({ answer });
  const delivery = await aDelivery();
  await delivery.deliver(delivery.webhook(hooks.url, { deadlines: { exchangeMs } }));
  return { outcome: delivery.lastOutcome(), answer: delivery.lastAnswer(), state: delivery.state() };
};

/** The same of a port that does this to every connection. */
const connects = async (onConnection: Parameters<typeof hostilePort>[0], deadlineMs: number, events = 6) => {
  await using port = await hostilePort(onConnection);
  const delivery = await aDelivery(events);
  const deadlines = { connectMs: deadlineMs, exchangeMs: deadlineMs };
  await delivery.deliver(delivery.webhook(port.url, { deadlines }));
  return { outcome: delivery.lastOutcome(), answer: delivery.lastAnswer(), state: delivery.state() };
};

const kept = { cursor: { segment: 1, index: 0 }, health: { status: 'active', failures: 1 } };

describe('TLS on loopback', () => {
  it('D1 a receiver takes the request and never answers, or drips its answer: the exchange ends at its deadline, and the batch waits', async () => {
    const soonMs = 400;
    const ends = await Promise.all([
      meets(hostileAnswers.never, soonMs),
      meets(hostileAnswers.dripsItsHeaders, soonMs),
      meets(hostileAnswers.dripsInterimAnswers, soonMs),
      connects(hostileConnections.neverShakesHands, soonMs),
      connects(hostileConnections.dripsTheHandshake, soonMs),
      connects(hostileConnections.neverReadsTheBody, soonMs, 1_000),
    ]);
    for (const { outcome, answer, state } of ends) {
      expect({ outcome, answer }).toEqual({ outcome: 'retry', answer: expect.stringMatching(/within 400 ms/) });
      expect(state).toMatchObject(kept);
    }
  });

  it('D1 a receiver answers without end, with a gzip bomb or with 10 000 headers: a few KiB of it are read, and the status counts', async () => {
    const farMs = 10_000;
    const cases: readonly (readonly [Answer, string])[] = [
      [hostileAnswers.endlessBody(200), 'delivered'],
      [hostileAnswers.endlessBody(500), 'retry'],
      [hostileAnswers.gzipBomb(200), 'delivered'],
      [hostileAnswers.gzipBomb(500), 'retry'],
      [hostileAnswers.tenThousandHeaders, 'retry'],
      [hostileAnswers.endlessHeaders, 'retry'],
      [hostileAnswers.floodsInterimAnswers, 'retry'],
    ];
    for (const [answer, expected] of cases) {
      const sockets = await socketsUsedDuring(async () => expect((await meets(answer, farMs)).outcome).toBe(expected));
      const read = sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThan(256 * kibibyte);
    }
    const drips = await meets(hostileAnswers.dripsItsBody(200), 2_000);
    expect(drips).toMatchObject({ outcome: 'delivered', state: { cursor: { segment: 2, index: 0 } } });
  });

  it('D2 a receiver resets, or closes without an answer: sent again at once on a fresh connection, once, then by the timetable', async () => {
    const breaks: readonly Answer[] = [hostileAnswers.closesWithoutAnAnswer, hostileAnswers.destroysTheConnection];
    for (const answer of breaks) {
      await using hooks = await hostileReceiver();
      hooks.answerWith(answer);
      const mended = await aDelivery();
      await mended.deliver(mended.webhook(hooks.url));
      expect(mended.attempts.map(({ outcome }) => outcome)).toEqual(['delivered']);
      expect(hooks.connections()).toBe(2);
      expect(hooks.received.map(webhookIdOf)).toHaveLength(2);
      expect(contentsById(hooks.received).size).toBe(1);
    }
    for (const connection of [
      hostileConnections.resetsAfterReading,
      hostileConnections.closesAtOnce,
      hostileConnections.resetsAtOnce,
    ]) {
      await using port = await hostilePort(connection);
      const broken = await aDelivery();
      await broken.deliver(broken.webhook(port.url));
      expect({ outcome: broken.lastOutcome(), connections: port.connections() }).toEqual({
        outcome: 'retry',
        connections: 2,
      });
      expect(broken.state()).toMatchObject({ ...kept, health: { retryAtMs: broken.clock.nowMs() + 5_000 } });
    }
  });

  it('D2 a receiver closes a kept connection between two requests: the next batch has a fresh one, and nothing fails', async () => {
    await using hooks = await hostileReceiver();
    const delivery = await aDelivery(3);
    const webhook = delivery.webhook(hooks.url);
    const oneByOne = { batch: { maxEvents: 1, maxBytes: 1_000_000, maxDelaySeconds: 0 } };
    // The first is answered and then closed; the second is taken over a kept connection, and closed before it is answered.
    hooks.answerWith(hostileAnswers.answersAndCloses, answers.status(200), hostileAnswers.closesWithoutAnAnswer);
    await delivery.deliver(webhook, oneByOne);
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(hooks.received.flatMap(idsIn)).toEqual([...delivery.ids, delivery.ids[2]]);
  });

  it('D2 a receiver speaks old HTTP, garbled HTTP, another protocol or none: what has a status counts, all else is tried by the timetable', async () => {
    const farMs = 10_000;
    const cases: readonly (readonly [Answer, string, RegExp])[] = [
      [hostileAnswers.speaksHttp10, 'delivered', /^200 OK$/],
      [hostileAnswers.garbledChunks, 'retry', /^500 Oh/],
      [hostileAnswers.twoLengths, 'retry', /no HTTP we can read/],
      [hostileAnswers.noHttp, 'retry', /no HTTP we can read/],
      [hostileAnswers.switchesProtocol, 'retry', /switches to another protocol/],
    ];
    for (const [answer, outcome, says] of cases)
      expect(await meets(answer, farMs)).toMatchObject({ outcome, answer: expect.stringMatching(says) });
    const plain = await connects(hostileConnections.speaksPlainHttp, farMs);
    expect(plain).toMatchObject({
      outcome: 'retry',
      answer: expect.stringContaining('connection failed'),
      state: kept,
    });
  });

  it('D3 a receiver redirects, with any 3xx, to anywhere: a failure, never followed, and a person hears of it', async () => {
    await using elsewhere = await receiver();
    const places = [
      elsewhere.url,
      'http://169.254.169.254/latest/meta-data/',
      '/other',
      '//127.0.0.1/',
      'file:///etc/passwd',
      '',
    ];
    const redirects = [300, 301, 302, 303, 305, 307, 308].flatMap((status) =>
      places.map((place) => hostileAnswers.redirectsTo(status, place)),
    );
    await using hooks = await hostileReceiver({ answer: hostileAnswers.redirectsTo(308, elsewhere.url) });
    hooks.answerWith(...redirects);
    const delivery = await aDelivery();
    const attempts = await delivery.deliverFor(delivery.webhook(hooks.url), 48 * anHourMs);
    expect(attempts).toBeGreaterThanOrEqual(8);
    expect(new Set(delivery.attempts.map(({ outcome }) => outcome))).toEqual(new Set(['retry', 'misconfigured']));
    expect(hooks.received).toHaveLength(attempts);
    expect(new Set(hooks.received.map(({ path }) => path))).toEqual(new Set(['/hook']));
    expect(elsewhere.connections()).toBe(0);
    expect(delivery.state()).toMatchObject({ cursor: { segment: 1, index: 0 }, health: { status: 'paused' } });
    expect(delivery.notices[0]?.message).toContain('redirects are not followed');
  });

  it('D4 a receiver asks for time with 429 or 503, in seconds, as a date, or in nonsense: it is honoured within bounds, never a tight loop', async () => {
    const cases: readonly (readonly [retryAfter: string, fromMs: number, toMs: number])[] = [
      ['120', 120_000, 144_000],
      ['Sun, 01 Mar 2026 12:10:00 GMT', 600_000, 720_000],
      ['Sun, 01 Mar 2026 11:00:00 GMT', 1_000, 1_200],
      ['0', 1_000, 1_200],
      ['-30', 4_000, 6_000],
      ['soon', 4_000, 6_000],
      ['1e9', 4_000, 6_000],
      ['99999999999999999999', 24 * anHourMs, 24 * anHourMs],
      ['Fri, 31 Dec 9999 23:59:59 GMT', 24 * anHourMs, 24 * anHourMs],
    ];
    await using hooks = await hostileReceiver();
    for (const status of [429, 503])
      for (const [retryAfter, fromMs, toMs] of cases) {
        hooks.answerWith(hostileAnswers.asksForTime(status, retryAfter));
        const delivery = await aDelivery();
        await delivery.deliver(delivery.webhook(hooks.url));
        const waitMs = (delivery.state().health.retryAtMs ?? 0) - delivery.clock.nowMs();
        expect({ status, retryAfter, inBounds: fromMs <= waitMs && waitMs <= toMs, waitMs }).toMatchObject({
          inBounds: true,
        });
      }

    // Whoever says "at once" for ever is asked 1, 2, 4, … s later, and then every five minutes.
    await using never = await hostileReceiver({ answer: hostileAnswers.asksForTime(429, '0') });
    const delivery = await aDelivery();
    const asked = await delivery.deliverFor(delivery.webhook(never.url), 2 * anHourMs, 1_000);
    expect(asked).toBe(never.received.length);
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThan(40);
  });

  it('D5 the answer is lost after the receiver has processed the batch: it comes again under the same id, with the same bytes', async () => {
    await using hooks = await hostileReceiver();
    const delivery = await aDelivery();
    hooks.answerWith(
      ...[hostileAnswers.closesWithoutAnAnswer, hostileAnswers.destroysTheConnection],
      hostileAnswers.never,
      answers.status(504),
    );
    const webhook = delivery.webhook(hooks.url);
    const hasty = delivery.webhook(hooks.url, { deadlines: { exchangeMs: 1_000 } });
    for (const to of [webhook, hasty, webhook, webhook]) {
      await delivery.deliver(to);
      delivery.clock.advance(anHourMs);
    }
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['retry', 'retry', 'throttled', 'delivered']);
    expect(hooks.received).toHaveLength(5);
    expect([...contentsById(hooks.received).values()].map(({ size }) => size)).toEqual([1]);
    expect(idsIn(hooks.received[0] as Received)).toEqual(delivery.ids);
    const times = hooks.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(4);
    expect(delivery.state()).toMatchObject({ sequence: 1, counts: { delivered: 6 } });
  });
});

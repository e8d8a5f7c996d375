import { gunzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { encodeWebhookBody } from '../../shared/core/batch-encoding.ts';
import type { Probe } from '../../shared/core/probe.ts';
import { sha256Hex } from '../../shared/core/segment.ts';
import { subscriptionSecret } from '../../shared/core/webhook/signature.ts';
import { destinationContract } from '../contracts/destination-contract.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { aBatch } from '../support/a-batch.ts';
import { aWebhook, rootKey } from '../support/a-webhook.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers, type Received, receiver } from '../support/receiver.ts';

useRealHttp();

destinationContract('the webhook destination', async () => {
  const server = await receiver();
  return {
    destination: aWebhook(server.url),
    contents: async () => server.received.map(({ body }) => body.toString()),
    breakDown: () => server[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});

const verifiedBy = (key: string) => {
  const webhook = new Webhook(subscriptionSecret(key, 'acme-soc'));
  return ({ body, headers }: Received): unknown => webhook.verify(body.toString(), headers);
};

describe('a request to a webhook', () => {
  it('is verified by the reference library, and names the content it delivered', async () => {
    await using server = await receiver();
    const batch = aBatch({ events: 3 });
    const outcome = await aWebhook(server.url).send(batch, { number: 1 });
    const body = encodeWebhookBody(batch);
    expect(outcome).toEqual({
      kind: 'delivered',
      answer: '200 OK',
      contentSha256: sha256Hex(body),
      response: { status: 200 },
    });
    expect(server.received.map(verifiedBy(rootKey))).toEqual([JSON.parse(Buffer.from(body).toString())]);
  });

  it('is a POST with the documented headers and those of the customer, and no others', async () => {
    await using server = await receiver();
    const clock = recordingClock({ startMs: Date.parse('2026-11-20T10:16:00.900Z') });
    const headers = { Authorization: 'Bearer of-acme', 'X-Team': 'soc' };
    await aWebhook(`${server.url}?from=sluice`, { clock, headers }).send(aBatch({ id: 'msg_7' }), { number: 1 });
    const [request] = server.received;
    expect(request).toMatchObject({ method: 'POST', path: '/hook?from=sluice' });
    expect(request?.headers).toEqual({
      host: `127.0.0.1:${server.port}`,
      connection: 'keep-alive',
      'user-agent': 'Sluice',
      'content-type': 'application/json',
      'content-length': String(request?.body.length),
      'webhook-id': 'msg_7',
      'webhook-timestamp': '1795169760',
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      authorization: 'Bearer of-acme',
      'x-team': 'soc',
    });
  });

  it('uses one connection for batch after batch', async () => {
    await using server = await receiver();
    const destination = aWebhook(server.url);
    for (const sequence of [1, 2, 3]) await destination.send(aBatch({ sequence }), { number: 1 });
    expect(server.received).toHaveLength(3);
    expect(server.connections()).toBe(1);
  });

  it('gives an idle connection up before somebody in between does, and the next batch has a fresh one', async () => {
    await using server = await receiver();
    const destination = aWebhook(server.url, { idleMs: 20 });
    await destination.send(aBatch({ sequence: 1 }), { number: 1 });
    await server.idle();
    await destination.send(aBatch({ sequence: 2 }), { number: 1 });
    expect(server.connections()).toBe(2);
  });

  it('may take longer than a connection may be idle', async () => {
    await using server = await receiver({ answer: (response) => void setTimeout(() => response.end(), 60) });
    const outcome = await aWebhook(server.url, { idleMs: 20 }).send(aBatch(), { number: 1 });
    expect(outcome.kind).toBe('delivered');
  });

  it('is described without path, query or user: they often are the credential', () => {
    expect(aWebhook('https://hooks.acme.example:8443/services/T000/s3cr3t?key=k3y').description).toBe(
      'https://hooks.acme.example:8443',
    );
  });

  it('whose answer was lost is sent again with the same id and bytes, under a new timestamp', async () => {
    await using server = await receiver();
    server.answerWith(answers.reset, answers.reset);
    const clock = recordingClock({ startMs: Date.now() - 10_000 });
    const destination = aWebhook(server.url, { clock });
    expect(await destination.send(aBatch(), { number: 1 })).toMatchObject({ kind: 'retry' });
    clock.advance(5_000);
    expect(await destination.send(aBatch(), { number: 2 })).toMatchObject({ kind: 'delivered' });
    const [lost, , again] = server.received;
    expect(again?.headers['webhook-id']).toBe(lost?.headers['webhook-id']);
    expect(again?.body).toEqual(lost?.body);
    expect(Number(again?.headers['webhook-timestamp'])).toBe(Number(lost?.headers['webhook-timestamp']) + 5);
    expect(server.received.map(verifiedBy(rootKey))).toHaveLength(3);
  });

  it('is not sent when the root key is missing, and the error names the setting', async () => {
    const destination = aWebhook('http://127.0.0.1:9999/', { secrets: memorySecrets() });
    await expect(destination.send(aBatch(), { number: 1 })).rejects.toThrow(/"rootKey".*SLUICE_SECRETS/);
  });

  it('is not sent with headers or to a URL that are refused, and the outcome names each', async () => {
    await using server = await receiver();
    const headers = { Host: 'evil.example', Cookie: 'hunter2' };
    const outcome = await aWebhook(server.url, { headers }).send(aBatch(), { number: 1 });
    expect(outcome).toMatchObject({ kind: 'misconfigured', answer: expect.stringMatching(/"Host".*"Cookie"/) });
    const closed = await aWebhook(server.url, { allow: [] }).send(aBatch(), { number: 1 });
    expect(closed).toMatchObject({
      kind: 'misconfigured',
      answer: expect.stringContaining('SLUICE_ALLOW_PRIVATE_TARGETS'),
    });
    expect(server.received).toEqual([]);
    expect(JSON.stringify([outcome, closed])).not.toContain('hunter2');
  });
});

describe('while the root key is being changed', () => {
  const newKey = 'another root key of thirty-two characters';

  it('requests verify with the old secret and with the new one', async () => {
    await using server = await receiver();
    const secrets = memorySecrets({ rootKey });
    const destination = aWebhook(server.url, { secrets });
    await destination.send(aBatch({ sequence: 1 }), { number: 1 });
    secrets.rotate('rootKey', newKey);
    await destination.send(aBatch({ sequence: 2 }), { number: 1 });
    expect(server.received.map(verifiedBy(rootKey))).toHaveLength(2);
    expect(server.received.slice(1).map(verifiedBy(newKey))).toHaveLength(1);
  });

  it('and is over, the old secret verifies no longer', async () => {
    await using server = await receiver();
    await aWebhook(server.url, { secrets: memorySecrets({ rootKey: newKey }) }).send(aBatch(), { number: 1 });
    expect(() => server.received.map(verifiedBy(rootKey))).toThrow('No matching signature');
  });
});

describe('while the secret of the subscription is being changed', () => {
  const untilMs = Date.parse('2026-11-21T10:00:00Z');
  const secret = { version: 2, previous: { version: 1, untilMs } };
  const sentAt = async (nowMs: number): Promise<readonly string[]> => {
    await using server = await receiver();
    const clock = recordingClock({ startMs: nowMs });
    await aWebhook(server.url, { clock, subscription: { secret }, signatures: ['v1', 'v1a'] }).send(aBatch(), {
      number: 1,
    });
    return server.received[0]?.headers['webhook-signature']?.split(' ').map((each) => each.split(',')[0] ?? '') ?? [];
  };

  it('both versions sign until the time of the old one is over, in either scheme', async () => {
    expect(await sentAt(untilMs - 1)).toEqual(['v1', 'v1', 'v1a', 'v1a']);
    expect(await sentAt(untilMs)).toEqual(['v1', 'v1a']);
  });

  it('a receiver with either secret takes what is sent', async () => {
    await using server = await receiver();
    const now = { secret: { ...secret, previous: { version: 1, untilMs: Date.now() + 60_000 } } };
    await aWebhook(server.url, { subscription: now }).send(aBatch(), { number: 1 });
    const [{ body, headers } = { body: '', headers: {} }] = server.received;
    for (const version of [1, 2])
      expect(
        new Webhook(subscriptionSecret(rootKey, 'acme-soc', version)).verify(body.toString(), headers),
      ).toBeTruthy();
  });
});

describe('a compressed request', () => {
  it('says so, holds the same bytes on every attempt, and is signed and chained by what is unpacked', async () => {
    await using server = await receiver();
    const [batch, plain] = [aBatch({ events: 20 }), aWebhook(server.url)];
    const destination = aWebhook(server.url, { compression: 'gzip' });
    const outcomes = [
      await destination.send(batch, { number: 1 }),
      await destination.send(batch, { number: 2 }),
      await plain.send(batch, { number: 3 }),
    ];
    const [first, second, third] = server.received;
    expect(first?.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'application/json',
      'content-length': String(first?.body.length),
    });
    expect(first?.body.length).toBeLessThan(third?.body.length ?? 0);
    expect(second?.body).toEqual(first?.body);
    expect(gunzipSync(first?.body ?? '')).toEqual(third?.body);
    expect(third?.headers).not.toHaveProperty('content-encoding');
    const unpacked = server.received.slice(0, 2).map((each) => ({ ...each, body: gunzipSync(each.body) }));
    expect(unpacked.map(verifiedBy(rootKey))).toHaveLength(2);
    const sha256 = sha256Hex(third?.body ?? '');
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'delivered', contentSha256: sha256 });
  });
});

describe('a probe', () => {
  const at = '2026-11-20T10:15:30.000Z';
  const token = 'N4kT-0_zqbM2t7mXc1vP5rYw8uLsDfGhJ3';
  const challenge = { kind: 'challenge', id: 'msg_c1', subscription: 'acme-soc', token, at } as const;
  const probe = async (url: string, what: Probe) => aWebhook(url).probe?.(what, { number: 1 });
  const repeating: Answer = (response) => void response.end(`{"challenge":"${token}"}`);

  it('is a signed request like any other, and a challenge is delivered once its token comes back', async () => {
    await using server = await receiver();
    server.answerWith(repeating, answers.status(200, { 'x-request-id': 'req-7' }, 'welcome'));
    expect(await probe(server.url, challenge)).toMatchObject({ kind: 'delivered' });
    expect(await probe(server.url, challenge)).toMatchObject({
      kind: 'retry',
      answer: expect.stringContaining('does not repeat the challenge'),
      response: { status: 200, body: 'welcome', requestId: 'req-7' },
    });
    const [first, again] = server.received;
    expect(again?.body).toEqual(first?.body);
    expect(again?.headers['webhook-id']).toBe('msg_c1');
    expect(server.received.map(verifiedBy(rootKey))[0]).toEqual({
      type: 'closer.security.challenge',
      timestamp: at,
      data: { subscription: 'acme-soc', challenge: token },
    });
  });

  it('that is a challenge leaves no trace of its token in what is kept of the answer', async () => {
    await using server = await receiver();
    server.answerWith(repeating, (response, request) => void response.end(`you sent ${request.method} ${token}`));
    for (const kind of ['delivered', 'retry']) {
      const outcome = await probe(server.url, challenge);
      expect(outcome).toMatchObject({ kind });
      expect(JSON.stringify(outcome)).not.toContain(token);
    }
  });

  it('that is a test is taken by any success, in the form of the subscription', async () => {
    await using server = await receiver();
    const test = { kind: 'test', id: 'msg_t1', subscription: 'acme-soc', at } as const;
    const flat = aWebhook(server.url, { format: 'ecs-flat' });
    expect(await flat.probe?.(test, { number: 1 })).toMatchObject({ kind: 'delivered', response: { status: 200 } });
    expect(server.received.map(verifiedBy(rootKey))).toMatchObject([
      { type: 'closer.security.test', data: { events: [{ 'event.dataset': 'sluice.test' }] } },
    ]);
  });

  it('goes nowhere when the URL or a header is refused, and is an outcome when nobody answers', async () => {
    expect(await probe('https://10.0.0.1/', challenge)).toMatchObject({ kind: 'misconfigured' });
    await using server = await receiver({ answer: answers.reset });
    expect(await probe(server.url, challenge)).toMatchObject({ kind: 'retry' });
  });
});

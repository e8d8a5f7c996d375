/** What receivers do to senders (D1 to D4): every one ends as an outcome, within its deadline. */
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Batch, Outcome } from '../../shared/core/batch.ts';
import { aBatch } from '../support/a-batch.ts';
import { type AWebhookOptions, aWebhook } from '../support/a-webhook.ts';
import { useRealHttp } from '../support/real-http.ts';
import { type Answer, answers, receiver } from '../support/receiver.ts';

useRealHttp();

const soon = { deadlines: { exchangeMs: 80 } } as const;

const answered = async (answer: Answer, options: AWebhookOptions = {}, batch: Batch = aBatch()): Promise<Outcome> => {
  await using server = await receiver({ answer });
  return await aWebhook(server.url, options).send(batch, { number: 1 });
};

/** A byte now and then, for ever; the test ends it by closing the receiver. */
const drip =
  (head: string, byte: string): Answer =>
  (response) => {
    const { socket } = response;
    socket?.write(head);
    const timer = setInterval(() => socket?.write(byte), 5);
    socket?.on('close', () => clearInterval(timer));
    socket?.on('error', () => {});
  };

describe('a receiver that takes its time', () => {
  it('never answers: the exchange ends at its deadline', async () => {
    expect(await answered(answers.never, soon)).toEqual({ kind: 'retry', answer: 'No answer within 80 ms.' });
  });

  it('drips its headers: the exchange ends at its deadline', async () => {
    expect(await answered(drip('HTTP/1.1 200 OK\r\nX-Drip: ', 'x'), soon)).toMatchObject({ kind: 'retry' });
  });

  it('drips its body: the status counts, at the deadline', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n';
    expect(await answered(drip(head, 'x'), soon)).toMatchObject({ kind: 'delivered', answer: '200 OK' });
  });

  it('sends interim answers for ever: the exchange ends at its deadline', async () => {
    expect(await answered(drip('', 'HTTP/1.1 103 Early Hints\r\n\r\n'), soon)).toMatchObject({ kind: 'retry' });
  });

  it('is not waited for when the run ends', async () => {
    const stop = new AbortController();
    await using server = await receiver({ answer: () => stop.abort() });
    const outcome = await aWebhook(server.url).send(aBatch(), { number: 1, signal: stop.signal });
    expect(outcome).toEqual({ kind: 'retry', answer: 'The run ended before the answer came.' });
  });
});

describe('a receiver that says too much', () => {
  it.each([
    [200, 'delivered'],
    [500, 'retry'],
  ])('has a body without end after %i: it is cut off, and the status counts', async (status, kind) => {
    let socket: Socket | null = null;
    const answer: Answer = (response, request) => {
      socket = response.socket;
      answers.endlessBody(status)(response, request);
    };
    await using server = await receiver({ answer });
    const outcome = await aWebhook(server.url).send(aBatch(), { number: 1 });
    expect(outcome.kind).toBe(kind);
    expect(outcome.answer.length).toBeLessThan(300);
    const written = socket as Socket | null;
    await new Promise<void>((closed) => (written?.closed ? closed() : written?.once('close', () => closed())));
    expect(written?.bytesWritten).toBeLessThan(16 * 1024 * 1024);
  });

  it('sends a gzip bomb: it is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const outcome = await answered(answers.status(500, { 'content-encoding': 'gzip' }, bomb));
    expect(outcome).toMatchObject({ kind: 'retry', answer: '500 Internal Server Error' });
  });

  it('sends 10 000 headers: nothing beyond the first 16 KiB is read', async () => {
    const headers = Array.from({ length: 10_000 }, (_, at) => `X-Header-${at}: value\r\n`).join('');
    const outcome = await answered(answers.raw(`HTTP/1.1 200 OK\r\n${headers}\r\n`));
    expect(outcome).toMatchObject({ kind: 'retry', answer: expect.stringContaining('Header overflow') });
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    ['a control character in a header', 'HTTP/1.1 200 OK\r\nX: a\u0001b\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ])('speaks %s: a failed attempt', async (_what, text) => {
    const outcome = await answered(answers.raw(text));
    expect(outcome).toMatchObject({ kind: 'retry', answer: expect.stringContaining('no HTTP we can read') });
  });

  it('is quoted in a few printable words, its echo of our events cut out', async () => {
    const answer: Answer = (response) => {
      response.writeHead(500).end(`cannot read \u001b[2J ${Buffer.from(aBatch().lines[0] ?? '').toString()}`);
    };
    const outcome = await answered(answer);
    expect(outcome.answer).toMatch(/^500 Internal Server Error: cannot read \[2J .{0,11}…/);
    expect(outcome.answer).not.toContain('user-login');
  });

  it('names secrets: they are masked', async () => {
    await using server = await receiver({
      answer: (response, request) => {
        response.writeHead(401).end(`bad ${request.headers['authorization']} for ${request.url}`);
      },
    });
    const headers = { Authorization: 'Bearer hunter2hunter2' };
    const destination = aWebhook(`${server.url}/T000S3CR3T`, { headers });
    expect(await destination.send(aBatch(), { number: 1 })).toEqual({
      kind: 'retry',
      answer: '401 Unauthorized: bad *** for ***',
      response: { status: 401, body: 'bad *** for ***' },
    });
  });
});

describe('a receiver that breaks the connection', () => {
  it('at the first request: sent again at once on a fresh one, under the same id; if that breaks too, a failed attempt', async () => {
    await using server = await receiver();
    const destination = aWebhook(server.url);
    server.answerWith(answers.reset);
    expect(await destination.send(aBatch(), { number: 1 })).toMatchObject({ kind: 'delivered' });
    expect(server.received.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_1', 'msg_1']);
    await using broken = await receiver({ answer: answers.reset });
    expect(await aWebhook(broken.url).send(aBatch(), { number: 1 })).toMatchObject({ kind: 'retry' });
    expect(broken.received).toHaveLength(2);
  });

  it('that was kept open between two requests: sent again at once, under the same id, on a fresh one', async () => {
    await using server = await receiver();
    const destination = aWebhook(server.url);
    await destination.send(aBatch({ sequence: 1 }), { number: 1 });
    server.answerWith(answers.reset);
    expect(await destination.send(aBatch({ sequence: 2 }), { number: 1 })).toMatchObject({ kind: 'delivered' });
    expect(server.received.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_1', 'msg_2', 'msg_2']);
    expect(server.connections()).toBe(2);
  });

  it('of two that were kept open: the other one is not trusted either', async () => {
    await using server = await receiver();
    const destination = aWebhook(server.url);
    const send = (sequence: number) => destination.send(aBatch({ sequence }), { number: 1 });
    await Promise.all([send(1), send(2)]);
    server.answerWith(answers.reset);
    expect(await send(3)).toMatchObject({ kind: 'delivered' });
    expect(server.connections()).toBe(3);
  });

  it('again and again: sent again once, then by the timetable', async () => {
    await using server = await receiver();
    const destination = aWebhook(server.url);
    await destination.send(aBatch({ sequence: 1 }), { number: 1 });
    server.answerWith(answers.reset, answers.reset);
    expect(await destination.send(aBatch({ sequence: 2 }), { number: 1 })).toMatchObject({ kind: 'retry' });
    expect(server.received).toHaveLength(3);
  });

  it('after the status: the status counts', async () => {
    const outcome = await answered(answers.raw('HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf'));
    expect(outcome).toMatchObject({ kind: 'delivered', answer: '202 Accepted' });
  });

  it('before it began: nobody listens', async () => {
    const server = await receiver();
    await server[Symbol.asyncDispose]();
    const outcome = await aWebhook(server.url).send(aBatch(), { number: 1 });
    expect(outcome).toMatchObject({ kind: 'retry', answer: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('a receiver that answers', () => {
  it.each([301, 302, 303, 307, 308])('%i somewhere else: a failed attempt, never followed', async (status) => {
    await using elsewhere = await receiver();
    const outcome = await answered(answers.status(status, { location: elsewhere.url }));
    expect(outcome).toMatchObject({ kind: 'retry', answer: expect.stringContaining('not followed') });
    expect(elsewhere.received).toEqual([]);
  });

  it.each([
    ['3', 3_000],
    ['0', 0],
    ['999999999999', 999_999_999_999_000],
    ['-1', undefined],
    ['soon', undefined],
    ['Fri, 20 Nov 2099 10:00:00 GMT', expect.any(Number)],
    ['Fri, 20 Nov 2009 10:00:00 GMT', 0],
  ])('429 with Retry-After "%s": it is passed on where it can be read', async (value, retryAfterMs) => {
    const outcome = await answered(answers.status(429, { 'retry-after': value }));
    expect(outcome.kind).toBe('throttled');
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toEqual(retryAfterMs);
  });

  it('410: gone, and 413: too large, and 422: one of the events may be the reason', async () => {
    expect((await answered(answers.status(410))).kind).toBe('gone');
    expect((await answered(answers.status(413))).kind).toBe('too large');
    expect(await answered(answers.status(422, {}, 'field x'))).toEqual({
      kind: 'poison',
      answer: '422 Unprocessable Entity: field x',
      response: { status: 422, body: 'field x' },
    });
  });

  it('to a body of 30 MB as to a small one', async () => {
    await using server = await receiver();
    const line = Buffer.from(JSON.stringify({ text: 'x'.repeat(1_000_000) }));
    const batch = { ...aBatch(), lines: Array.from({ length: 30 }, () => line) };
    expect(await aWebhook(server.url).send(batch, { number: 1 })).toMatchObject({ kind: 'delivered' });
    expect(server.received[0]?.body.length).toBeGreaterThan(30_000_000);
  });
});

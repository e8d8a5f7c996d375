/** Where a delivery connects to (D12), and whom it believes. */
import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { checkedLookup, type Resolve, TargetRefused } from '../../shared/adapters/checked-lookup.ts';
import { checkTarget } from '../../shared/core/address/target.ts';
import cases from '../fixtures/ssrf/ssrf-cases.json' with { type: 'json' };
import { aBatch } from '../support/a-batch.ts';
import { aWebhook } from '../support/a-webhook.ts';
import { useRealHttp } from '../support/real-http.ts';
import { answers, receiver } from '../support/receiver.ts';

useRealHttp();

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const hooks = { key: pem('hooks.key'), cert: pem('hooks.cert') };
const expired = { key: pem('expired.key'), cert: pem('expired.cert') };

/** Gives its answers one after the other, and counts the questions. */
const resolver = (...script: readonly (readonly string[])[]): Resolve & { readonly asked: readonly string[] } => {
  const asked: string[] = [];
  const resolve: Resolve = async (hostname) => {
    asked.push(hostname);
    const answer = script[asked.length - 1];
    if (!answer) throw new Error(`looked up ${asked.length} times`);
    return answer;
  };
  return Object.assign(resolve, { asked });
};

const named = (port: number): string => `https://hooks.acme.example:${port}/hook`;
const send = (destination: ReturnType<typeof aWebhook>, number = 1) => destination.send(aBatch(), { number });

describe('a webhook named by its host', () => {
  it('is connected at the checked address, under its own name in TLS and in the Host header', async () => {
    let servername: string | false | null = null;
    await using server = await receiver({
      tls: hooks,
      answer: (response, request) => {
        servername = (request.socket as TLSSocket).servername;
        response.end();
      },
    });
    const resolve = resolver(['127.0.0.1']);
    const outcome = await send(aWebhook(named(server.port), { resolve, ca: hooks.cert }));
    expect(outcome.kind).toBe('delivered');
    expect(servername).toBe('hooks.acme.example');
    expect(server.received[0]?.headers['host']).toBe(`hooks.acme.example:${server.port}`);
    expect(resolve.asked).toEqual(['hooks.acme.example']);
  });

  it('is looked up once per connection: a kept one goes on to the address that was checked', async () => {
    await using server = await receiver({ tls: hooks });
    const resolve = resolver(['127.0.0.1']);
    const destination = aWebhook(named(server.port), { resolve, ca: hooks.cert });
    expect((await send(destination)).kind).toBe('delivered');
    expect((await send(destination)).kind).toBe('delivered');
    expect(server.connections()).toBe(1);
  });

  it('is let go of by a destination that is closed: the next request opens a connection of its own', async () => {
    await using server = await receiver();
    const destination = aWebhook(server.url);
    await destination.send(aBatch(), { number: 1 });
    destination.close?.();
    await destination.send(aBatch(), { number: 1 });
    expect(server.connections()).toBe(2);
  });

  it('is refused when it moves to a private address between two connections', async () => {
    await using server = await receiver({ tls: hooks });
    const destination = aWebhook(named(server.port), {
      resolve: resolver(['127.0.0.1'], ['10.0.0.1']),
      ca: hooks.cert,
    });
    expect((await send(destination)).kind).toBe('delivered');
    server.answerWith(answers.reset);
    expect(await send(destination)).toMatchObject({
      kind: 'misconfigured',
      answer: expect.stringContaining('leads to an address that is not on the public internet'),
    });
  });

  it.each([
    ['one of its addresses is private', ['127.0.0.1', '192.168.0.7']],
    ['it is the metadata service', ['169.254.169.254']],
    ['it is IPv6 loopback, which is not open', ['127.0.0.1', '::1']],
  ])('is refused when %s, and nothing is sent', async (_why, addresses) => {
    await using server = await receiver({ tls: hooks });
    const outcome = await send(aWebhook(named(server.port), { resolve: resolver(addresses), ca: hooks.cert }));
    expect(outcome.kind).toBe('misconfigured');
    expect(server.connections()).toBe(0);
  });

  it('is tried again three times when it has no address, then a person must look', async () => {
    const resolve: Resolve = () => Promise.resolve([]);
    const destination = aWebhook(named(443), { resolve });
    expect(await send(destination, 3)).toMatchObject({ kind: 'retry', answer: expect.stringContaining('not known') });
    expect(await send(destination, 4)).toMatchObject({ kind: 'misconfigured' });
  });

  it('is tried again for as long as the resolver itself fails', async () => {
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error('EAI_AGAIN'), { code: 'EAI_AGAIN' }));
    expect(await send(aWebhook(named(443), { resolve }), 100)).toMatchObject({ kind: 'retry' });
  });

  it('is given up at the connect deadline when the resolver never answers', async () => {
    const resolve: Resolve = () => new Promise(() => {});
    const outcome = await send(aWebhook(named(443), { resolve, deadlines: { connectMs: 50 } }));
    expect(outcome).toEqual({ kind: 'retry', answer: 'No connection within 50 ms.' });
  });

  it('may be localhost when loopback is open, and is never looked up', async () => {
    await using server = await receiver();
    const outcome = await send(aWebhook(`http://localhost:${server.port}/hook`));
    expect(outcome.kind).toBe('delivered');
  });
});

describe('the certificate of a webhook', () => {
  it.each([
    ['nobody vouches for', hooks, undefined, 'hooks.acme.example', 'self-signed'],
    ['is for another name', hooks, hooks.cert, 'other.acme.example', "does not match certificate's altnames"],
    ['has expired', expired, expired.cert, 'hooks.acme.example', 'expired'],
  ])('that %s: nothing is sent; after three attempts a person must look', async (_why, tls, ca, host, says) => {
    await using server = await receiver({ tls });
    const destination = aWebhook(`https://${host}:${server.port}/`, {
      resolve: () => Promise.resolve(['127.0.0.1']),
      ...(ca && { ca }),
    });
    expect(await send(destination, 1)).toMatchObject({ kind: 'retry', answer: expect.stringContaining(says) });
    expect(await send(destination, 4)).toMatchObject({ kind: 'misconfigured' });
    expect(server.received).toEqual([]);
  });

  it('is missing because it speaks plain HTTP: a failed attempt', async () => {
    await using server = await receiver();
    const outcome = await send(aWebhook(`https://127.0.0.1:${server.port}/`));
    expect(outcome).toMatchObject({ kind: 'retry', answer: expect.stringContaining('connection failed') });
    expect(server.received).toEqual([]);
  });
});

interface Case {
  readonly id: string;
  readonly expect: string;
  readonly why: string;
  readonly url?: string;
  readonly resolves_to?: readonly string[];
  readonly resolves_next?: readonly string[];
  readonly connects_to?: string;
  readonly redirect_status?: number;
  readonly redirect_to?: string;
}
const all = cases as readonly Case[];

describe('what the resolver answers', () => {
  const looked = all.filter((row) => row.resolves_to && checkTarget(row.url ?? '', { allow: [] }).kind === 'allowed');

  /** What `node:net` is given to connect to; it resolves nothing itself. */
  const connectsTo = ({ resolves_to = [], resolves_next = [] }: Case, asksForAll: 'all' | 'one'): Promise<unknown> =>
    new Promise((connects) => {
      const lookup = checkedLookup(resolver(resolves_to, resolves_next), { allow: [] });
      lookup('hooks.example.com', { all: asksForAll === 'all' }, (error, address) => connects(error ?? address));
    });

  it.each(looked.map((row) => [row.id, row.expect, row.why, row] as const))(
    '%s: %s, %s',
    async (_id, expected, _why, row) => {
      const many = await connectsTo(row, 'all');
      const one = await connectsTo(row, 'one');
      if (expected === 'allow' || row.redirect_status !== undefined) {
        expect(many).toMatchObject((row.resolves_to ?? []).map((address) => ({ address })));
        expect(one).toBe(row.connects_to ?? row.resolves_to?.[0]);
      } else {
        expect(many).toBeInstanceOf(Error);
        expect(one).toBeInstanceOf(Error);
        if (row.resolves_to?.length) expect(many).toBeInstanceOf(TargetRefused);
      }
    },
  );
});

describe('a redirect', () => {
  const redirects = all.filter((row) => row.redirect_status !== undefined);

  it.each(redirects.map((row) => [row.id, row.why, row] as const))('%s: refused, %s', async (_id, _why, row) => {
    await using server = await receiver({
      answer: answers.status(row.redirect_status ?? 0, { location: row.redirect_to ?? '' }),
    });
    expect(await send(aWebhook(server.url))).toMatchObject({ kind: 'retry' });
    expect(server.received).toHaveLength(1);
  });
});

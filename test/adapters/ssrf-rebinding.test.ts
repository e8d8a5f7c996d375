/** A receiver whose own name server changes its answers, tried for real: questions over UDP, connections at the socket (D12). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aBatch } from '../support/a-batch.ts';
import { type AWebhookOptions, aWebhook } from '../support/a-webhook.ts';
import { tapConnects } from '../support/connect-tap.ts';
import { type AnswerName, type NameRecord, nameServer } from '../support/dns-server.ts';
import { useRealHttp } from '../support/real-http.ts';
import { answers, receiver } from '../support/receiver.ts';

useRealHttp();

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const tls = { key: pem('targets.key'), cert: pem('targets.cert') };
const open = '93.184.216.34';
const a = (...addresses: readonly string[]): readonly NameRecord[] => addresses.map((data) => ({ type: 'A', data }));
const onlyA =
  (answer: (nth: number) => ReturnType<AnswerName>): AnswerName =>
  ({ type, nth }) =>
    type === 'A' ? answer(nth) : [];

/** A webhook of `hooks.example.com` behind this name server; its receiver keeps no connection open. */
const behind = async (answer: AnswerName, options: AWebhookOptions = {}) => {
  const names = await nameServer(answer);
  const server = await receiver({ tls, answer: answers.status(200, { connection: 'close' }) });
  const connects = await tapConnects(server.port);
  const destination = aWebhook('https://hooks.example.com/in', {
    allow: [],
    resolve: names.resolve,
    ca: tls.cert,
    ...options,
  });
  let sequence = 0;
  const send = () => {
    sequence += 1;
    return destination.send(aBatch({ sequence }), { number: 1 });
  };
  return { server, send, connects, asked: names.asked, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
};

describe('a receiver that rebinds', () => {
  it.each(['127.0.0.1', '169.254.169.254', '10.0.0.1', '0.0.0.0'])(
    'is never connected at %s, however often it is delivered to',
    async (inside) => {
      await using place = await behind(onlyA((nth) => a(nth % 2 === 0 ? open : inside)));
      const outcomes: string[] = [];
      for (let delivery = 0; delivery < 50; delivery++) outcomes.push((await place.send()).kind);
      expect(outcomes).toEqual(Array.from({ length: 25 }, () => ['delivered', 'misconfigured']).flat());
      expect(new Set(place.connects.map(({ address }) => address))).toEqual(new Set([open]));
      expect(place.connects).toHaveLength(25);
      expect(place.server.received).toHaveLength(25);
    },
  );

  it('is asked once per connection: what is checked is what is connected to', async () => {
    await using place = await behind(onlyA((nth) => a(nth === 0 ? open : '127.0.0.1')));
    expect((await place.send()).kind).toBe('delivered');
    expect(place.asked.toSorted()).toEqual(['A hooks.example.com', 'AAAA hooks.example.com']);
  });

  it('changes its mind while many deliveries are under way: each goes where its own answer was allowed', async () => {
    await using place = await behind(onlyA((nth) => a(nth % 3 === 0 ? open : '127.0.0.1')));
    const outcomes = await Promise.all(Array.from({ length: 60 }, () => place.send()));
    expect(outcomes.filter(({ kind }) => kind === 'delivered')).toHaveLength(20);
    expect(outcomes.filter(({ kind }) => kind === 'misconfigured')).toHaveLength(40);
    expect(place.connects).toEqual(Array.from({ length: 20 }, () => ({ address: open, port: 443 })));
  });
});

describe('a name with several answers', () => {
  it.each<[string, AnswerName]>([
    ['of one family', onlyA(() => a(open, '192.168.0.7'))],
    ['in front', onlyA(() => a('192.168.0.7', open))],
    ['of the other family', ({ type }) => (type === 'A' ? a(open) : [{ type: 'AAAA', data: '::1' }])],
    ['that carries IPv4', ({ type }) => (type === 'A' ? a(open) : [{ type: 'AAAA', data: '64:ff9b::a00:1' }])],
  ])('is refused for one private address %s', async (_where, answer) => {
    await using place = await behind(answer);
    expect(await place.send()).toMatchObject({ kind: 'misconfigured', answer: expect.stringContaining('not on the') });
    expect(place.connects).toEqual([]);
  });

  it('is followed through its aliases to the address, and that is judged', async () => {
    const chain = (data: string): readonly NameRecord[] => [
      { type: 'CNAME', data: 'edge.example.net' },
      { type: 'CNAME', name: 'edge.example.net', data: 'localhost' },
      { type: 'A', name: 'localhost', data },
    ];
    await using place = await behind(onlyA((nth) => chain(nth === 0 ? open : '127.0.0.1')));
    expect((await place.send()).kind).toBe('delivered');
    expect((await place.send()).kind).toBe('misconfigured');
    expect(place.connects).toEqual([{ address: open, port: 443 }]);
  });

  it('may have a thousand: every one is judged', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `93.184.${at >> 8}.${at & 255}`);
    await using place = await behind(onlyA((nth) => a(...(nth === 0 ? many : [...many, '10.0.0.1']))));
    expect((await place.send()).kind).toBe('delivered');
    expect((await place.send()).kind).toBe('misconfigured');
    expect(place.connects).toHaveLength(1);
    expect(many).toContain(place.connects[0]?.address);
  });
});

it('a name server that never answers costs the connect deadline, not the run', async () => {
  await using place = await behind(() => 'never', { deadlines: { connectMs: 50 } });
  expect(await place.send()).toMatchObject({ kind: 'retry', answer: 'No connection within 50 ms.' });
  expect(place.connects).toEqual([]);
});

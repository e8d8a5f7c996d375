/** A customer's headers on the wire: what is allowed arrives as it was written, once, and takes nothing from ours. */
import { type AddressInfo, createServer } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { headerMistakes } from '../../shared/core/webhook/headers.ts';
import { aBatch } from '../support/a-batch.ts';
import { aWebhook } from '../support/a-webhook.ts';
import { useRealHttp } from '../support/real-http.ts';

useRealHttp();

/** Every byte that came in one connection up to the end of the headers, as text, and whatever followed. */
let said = '';
const server = createServer((socket) => {
  said = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    said += chunk.toString('latin1');
    const [head = '', body] = said.split('\r\n\r\n');
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
    if (body !== undefined && body.length >= length)
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
});
beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)));
afterAll(() => new Promise((closed) => server.close(closed)));

const ours = [
  'host',
  'connection',
  'content-length',
  'content-type',
  'user-agent',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
];

const reserved = [...ours, 'transfer-encoding', 'te', 'expect', 'upgrade', 'cookie'];
const spelled = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(name.toUpperCase(), ` ${name}`, `${name} `, `${name}:`, `x\r\n${name}`, `${name}\u0000`);
const name = fc.oneof(
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/) },
  { weight: 2, arbitrary: fc.constantFrom('__proto__', 'constructor', 'authorization', 'x-team', 'X-Team', 'accept') },
  { weight: 2, arbitrary: fc.constantFrom(...reserved) },
  { weight: 1, arbitrary: fc.constantFrom(...reserved).chain(spelled) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
);
const value = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[\t -~]{0,30}$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x\r\nHost: 10.0.0.1', 'x\nTE: x', 'x\r\n\r\nPOST / HTTP/1.1\r\n', '\u560a\u560d'),
  },
);
/** Half of them one name of ours alone, well spelled: what a careful attacker writes. */
const written: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  fc.dictionary(fc.constantFrom(...reserved), fc.stringMatching(/^[!-~]{1,12}$/), { minKeys: 1, maxKeys: 1 }),
  fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
);

it('whatever they are: refused in words before anything is sent, or sent exactly as they are', async () => {
  const { port } = server.address() as AddressInfo;
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(written, async (headers) => {
      said = '';
      const outcome = await aWebhook(`http://127.0.0.1:${port}/hook`, { headers }).send(aBatch(), { number: 1 });
      if (headerMistakes(headers).length > 0) {
        expect(outcome.kind).toBe('misconfigured');
        expect(said).toBe('');
        return;
      }
      sent += 1;
      expect(outcome.kind).toBe('delivered');
      const [head = '', ...rest] = said.split('\r\n\r\n');
      const [requestLine, ...lines] = head.split('\r\n');
      expect(requestLine).toBe('POST /hook HTTP/1.1');
      expect(rest).toHaveLength(1);
      const arrived = lines.map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
      });
      const custom = Object.entries(headers).map(([each, text]) => [each.toLowerCase(), text]);
      expect(arrived.map(([each]) => each).toSorted()).toEqual([...ours, ...custom.map(([each]) => each)].toSorted());
      expect(arrived).toEqual(
        expect.arrayContaining([
          ...custom,
          ['host', `127.0.0.1:${port}`],
          ['webhook-id', aBatch().id],
          ['user-agent', 'Sluice'],
        ]),
      );
    }),
    { numRuns: 400 },
  );
  expect(sent).toBeGreaterThan(20);
});

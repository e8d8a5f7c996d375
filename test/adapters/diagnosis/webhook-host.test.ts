import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebhookHostOptions, webhookHostDiagnosis } from '../../../shared/adapters/diagnosis/webhook-host.ts';
import { useRealHttp } from '../../support/real-http.ts';
import { receiver } from '../../support/receiver.ts';

useRealHttp();

const pem = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
const hooks = { key: pem('hooks.key'), cert: pem('hooks.cert') };
const expired = { key: pem('expired.key'), cert: pem('expired.cert') };

const look = (url: string, options: Partial<WebhookHostOptions> = {}) =>
  webhookHostDiagnosis({
    url,
    allow: ['127.0.0.0/8'],
    resolve: () => Promise.reject(new Error('this test resolves no names')),
    ...options,
  }).look(new AbortController().signal);

const toLoopback = { resolve: async () => ['127.0.0.1'] };

describe('the host of a webhook', () => {
  it('is reached over TLS by its name, and is sent nothing', async () => {
    await using server = await receiver({ tls: hooks });
    const url = `https://hooks.acme.example:${server.port}/canary-path`;
    expect(await look(url, { ...toLoopback, ca: hooks.cert })).toEqual({
      kind: 'connected',
      address: '127.0.0.1',
      certificateEndsMs: expect.closeTo(Date.UTC(2120, 0, 1), -11),
    });
    await server.idle();
    expect({ connections: server.connections(), received: server.received }).toEqual({ connections: 1, received: [] });
  });

  it('is reached without TLS where that is allowed', async () => {
    await using server = await receiver();
    expect(await look(server.url)).toEqual({ kind: 'connected', address: '127.0.0.1' });
    await server.idle();
    expect(server.received).toEqual([]);
  });

  it('is refused by the guard of the deliveries, whether by its URL or by what its name resolves to', async () => {
    expect(await look('https://10.1.2.3/canary-path', { allow: [] })).toEqual({
      kind: 'unreachable',
      reason: 'The URL may not be delivered to.',
      remedy: expect.stringContaining('The address "10.1.2.3" is not on the public internet.'),
    });
    const rebound = await look('https://hooks.acme.example/canary-path', {
      allow: [],
      resolve: async () => ['10.1.2.3'],
    });
    expect(rebound).toEqual({
      kind: 'unreachable',
      reason: 'Its name leads to the address "10.1.2.3", which is refused.',
      remedy: expect.stringContaining('is not on the public internet.'),
    });
  });

  it.each([
    ['an expired certificate', expired, { ca: expired.cert }, 'Its certificate has expired.'],
    [
      'a certificate that nobody vouches for',
      hooks,
      {},
      'Its certificate is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT).',
    ],
  ])('is told by %s', async (_, tls, options, reason) => {
    await using server = await receiver({ tls });
    const facts = await look(`https://hooks.acme.example:${server.port}/`, { ...toLoopback, ...options });
    expect(facts).toMatchObject({ kind: 'unreachable', reason });
  });

  it('is told by a certificate of another name', async () => {
    await using server = await receiver({ tls: hooks });
    const facts = await look(`https://other.acme.example:${server.port}/`, { ...toLoopback, ca: hooks.cert });
    expect(facts).toMatchObject({ reason: 'Its certificate is not accepted (ERR_TLS_CERT_ALTNAME_INVALID).' });
  });

  it('is told by a port that speaks no TLS', async () => {
    await using server = await receiver();
    const facts = await look(`https://127.0.0.1:${server.port}/`);
    expect(facts).toMatchObject({ kind: 'unreachable', reason: expect.stringMatching(/^It does not speak TLS there/) });
  });

  it('is told by a name that nobody knows, and by a port that nobody answers at', async () => {
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    expect(await look('https://hooks.acme.example/', { resolve: () => Promise.reject(unknown) })).toMatchObject({
      reason: 'Its host name has no address (ENOTFOUND).',
    });
    // 1024 is reserved, and given to no service.
    expect(await look('http://127.0.0.1:1024/')).toMatchObject({ reason: 'No connection (ECONNREFUSED).' });
  });

  it('is given up when it accepts and never answers', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await look(`https://127.0.0.1:${port}/`, { connectMs: 50 })).toMatchObject({
      kind: 'unreachable',
      reason: 'No TLS connection within 0.05 s.',
    });
  });
});

/** What a connection is worth: checked when it is made, its own subscription's alone, and no environment weakens it. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Resolve } from '../../shared/adapters/checked-lookup.ts';
import { openDestination } from '../../shared/adapters/open-destination.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aBatch } from '../support/a-batch.ts';
import { aSubscription } from '../support/a-subscription.ts';
import { aWebhook, rootKey } from '../support/a-webhook.ts';
import { useRealHttp } from '../support/real-http.ts';
import { receiver } from '../support/receiver.ts';

useRealHttp();

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const caFile = at('../fixtures/tls/hooks.cert.pem');
const tls = { key: readFileSync(at('../fixtures/tls/hooks.key.pem'), 'utf8'), cert: readFileSync(caFile, 'utf8') };
const named = (port: number): string => `https://hooks.acme.example:${port}/hook`;
const first = { number: 1 };

describe('a kept connection', () => {
  it('carries the requests of its own subscription alone: another one looks up, checks and connects for itself', async () => {
    await using server = await receiver({ tls });
    let moved = false;
    const asked: string[] = [];
    const resolve: Resolve = async (name) => {
      asked.push(name);
      return [moved ? '10.0.0.1' : '127.0.0.1'];
    };
    const [one, other] = [0, 1].map(() => aWebhook(named(server.port), { resolve, ca: tls.cert }));
    expect((await one?.send(aBatch(), first))?.kind).toBe('delivered');
    moved = true;
    expect((await other?.send(aBatch(), first))?.kind).toBe('misconfigured');
    expect((await one?.send(aBatch({ sequence: 2 }), first))?.kind).toBe('delivered');
    expect(asked).toHaveLength(2);
    expect(server.connections()).toBe(1);
  });

  it('is never shared by what opens destinations', async () => {
    await using server = await receiver();
    const deps = { secrets: memorySecrets({ rootKey }), clock: systemClock, allow: ['127.0.0.0/8'] };
    const subscription = aSubscription({ type: 'webhook', url: server.url });
    const opened = await Promise.all([0, 1].map(() => openDestination(subscription, deps)));
    for (const destination of [...opened, ...opened]) await destination.send(aBatch(), first);
    expect(server.received).toHaveLength(4);
    expect(server.connections()).toBe(2);
  });

  it('leaves its TLS session to its own subscription too', async () => {
    const resumed: boolean[] = [];
    await using server = await receiver({
      tls,
      answer: (response, request) => {
        resumed.push((request.socket as TLSSocket).isSessionReused());
        response.writeHead(200, { connection: 'close' }).end();
      },
    });
    const webhook = () => aWebhook(named(server.port), { resolve: async () => ['127.0.0.1'], ca: tls.cert });
    const [one, other] = [webhook(), webhook()];
    for (const destination of [one, one, other]) await destination.send(aBatch(), first);
    expect(resumed).toEqual([false, true, false]);
  });
});

it('a connection that cannot be made says nothing of the address of this machine', async () => {
  // Nobody connects to everybody: the system refuses it by itself.
  const destination = aWebhook('https://255.255.255.255/', { allow: ['255.255.255.255/32'] });
  const outcome = await destination.send(aBatch(), first);
  expect(outcome).toMatchObject({ kind: 'retry', answer: expect.stringMatching(/255\.255\.255\.255:443$/) });
});

/** What a process of its own, with this environment, says of one delivery. */
const deliverOnce = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly kind: string; readonly answer: string }> => {
  const script = at('processes/deliver-once.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env: { ...env } });
  return JSON.parse(stdout);
};

describe('the environment', () => {
  it('names a proxy: none is used', async () => {
    await using proxy = await receiver();
    await using server = await receiver();
    const origin = new URL(proxy.url).origin;
    const proxies = Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
        [name, origin],
        [name.toLowerCase(), origin],
      ]),
    );
    const outcome = await deliverOnce([server.url], { ...proxies, NODE_USE_ENV_PROXY: '1' });
    expect(outcome.kind).toBe('delivered');
    expect(server.received).toHaveLength(1);
    expect(proxy.connections()).toBe(0);
  });

  it('switches the check of certificates off: they are checked', async () => {
    await using server = await receiver({ tls });
    const outcome = await deliverOnce([named(server.port)], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(outcome).toMatchObject({ kind: 'retry', answer: expect.stringContaining('certificate is not accepted') });
    expect(server.received).toEqual([]);
  });

  it('allows TLS before 1.2: nothing older is spoken', async () => {
    const old = { ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    await using server = await receiver({ tls: old });
    const NODE_OPTIONS = '--tls-min-v1.0 --tls-cipher-list=DEFAULT:@SECLEVEL=0';
    const outcome = await deliverOnce([named(server.port), caFile], { NODE_OPTIONS });
    expect(outcome).toMatchObject({
      kind: 'retry',
      answer: expect.stringMatching(/protocol version|unsupported protocol/i),
    });
    expect(server.received).toEqual([]);
  });
});

it('nothing in the sources weakens TLS, the parser of HTTP, or goes by a proxy', () => {
  const root = join(import.meta.dirname, '../..');
  const weakening =
    /rejectUnauthorized:(?!\s*true\b)|checkServerIdentity|NODE_TLS_REJECT_UNAUTHORIZED['"\]]?\s*[=:]|insecureHTTPParser|proxyEnv|ProxyAgent|secureProtocol|(?:min|max)Version:\s*'TLSv1(?:\.1)?'/;
  const files = ['shared', 'functions', 'cli', 'deploy'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  expect(files.length).toBeGreaterThan(200);
  expect(files.filter((file) => weakening.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { nameResolver } from '../../shared/adapters/name-resolver.ts';
import { type AnswerName, nameServer } from '../support/dns-server.ts';

const soon = { timeoutMs: 20 } as const;

const asking = async (answer: AnswerName, options: { readonly timeoutMs?: number } = {}) => {
  const { address } = await nameServer(answer);
  return nameResolver({ allow: [], servers: [address], ...options });
};

describe('a name', () => {
  it('has the addresses of both families', async () => {
    const resolve = await asking(({ type }) => [
      type === 'A' ? { type, data: '93.184.216.34' } : { type, data: '2606:2800:220:1::1' },
    ]);
    expect(await resolve('hooks.example.com')).toEqual(['93.184.216.34', '2606:2800:220:1::1']);
  });

  it('of one family is enough, whatever becomes of the other', async () => {
    const resolve = await asking(({ type }) => (type === 'A' ? [{ type, data: '93.184.216.34' }] : 'never'), soon);
    expect(await resolve('hooks.example.com')).toEqual(['93.184.216.34']);
  });

  it('without an address is told from a name server that does not answer', async () => {
    expect(await (await asking(() => []))('hooks.example.com')).toEqual([]);
    const silent = await asking(() => 'never', soon);
    await expect(silent('hooks.example.com')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });

  it('is looked for where it is, and not with the domain of our network behind it', async () => {
    const { address, asked } = await nameServer(() => []);
    await nameResolver({ allow: [], servers: [address] })('hooks.example.com');
    expect(new Set(asked.map((question) => question.split(' ')[1]))).toEqual(new Set(['hooks.example.com']));
  });

  it('of the hosts file is one only where ranges were opened', async () => {
    const { address } = await nameServer(() => []);
    const resolver = (allow: readonly string[]) => nameResolver({ allow, servers: [address] });
    expect(await resolver([])('localhost')).toEqual([]);
    expect(await resolver(['127.0.0.0/8'])('localhost')).not.toEqual([]);
  });

  it('whose name server stays silent holds up no other, however many there are', async () => {
    const resolve = await asking(({ name, type }) => {
      if (name.startsWith('silent')) return 'never';
      return type === 'A' ? [{ type, data: '93.184.216.34' }] : [];
    }, soon);
    const order: string[] = [];
    const silent = Array.from({ length: 50 }, async (_, at) => {
      await resolve(`silent-${at}.example.com`).catch(() => order.push('silent'));
    });
    await resolve('hooks.example.com').then(() => order.push('hooks'));
    expect(order).toEqual(['hooks']);
    await Promise.all(silent);
  });
});

it('a port that no name server listens at is not taken for an unknown name', async () => {
  const gone = createSocket('udp4').bind(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await new Promise<void>((closed) => gone.close(closed));
  const resolve = nameResolver({ allow: [], servers: [`127.0.0.1:${port}`], timeoutMs: 20 });
  await expect(resolve('hooks.example.com')).rejects.not.toMatchObject({ code: 'ENOTFOUND' });
});

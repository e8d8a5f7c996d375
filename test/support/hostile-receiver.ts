/** Receivers on loopback, over TLS, that do what real ones do to a sender: `hostileAnswers` to a request, `hostileConnections` to its connection. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Answer, type Receiver, receiver } from './receiver.ts';

/** What both certificates of `test/fixtures/tls` are made out to. */
export const hooksHost = 'hooks.acme.example';

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

export const certificates = {
  hooks: { key: pem('hooks.key'), cert: pem('hooks.cert') },
  expired: { key: pem('expired.key'), cert: pem('expired.cert') },
} as const;

/** The URL of a port here as a customer would write it: by name. The sender must be given `loopbackOnly` to find it. */
export const hooksUrl = (port: number, host = hooksHost): string => `https://${host}:${port}/hook`;

/** For `webhookDestination`: every name is this machine. */
export const loopbackOnly = async (): Promise<readonly string[]> => ['127.0.0.1'];

/** A receiver over TLS that reads every request whole and then does to it what it is told; the default is 200. */
export const hostileReceiver = async (
  options: { readonly answer?: Answer; readonly certificate?: keyof typeof certificates } = {},
): Promise<Receiver> => {
  const { answer, certificate = 'hooks' } = options;
  const inner = await receiver({ tls: certificates[certificate], ...(answer && { answer }) });
  return { ...inner, url: hooksUrl(inner.port) };
};

export interface HostilePort {
  readonly port: number;
  readonly url: string;
  connections(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A port that does to every connection what `onConnection` says, from its first byte: no TLS and no HTTP unless that speaks it. */
export const hostilePort = async (onConnection: (socket: Socket) => void): Promise<HostilePort> => {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The other side may leave at any moment: that is what is tried.
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: hooksUrl(port),
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
};

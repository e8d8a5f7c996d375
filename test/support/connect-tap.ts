/**
 * Below every library: what the operating system would be asked to connect to is recorded, and the connection goes to a listener on
 * loopback instead. So a test sees the real address of a real connection, and nothing leaves the machine.
 */
import { createServer, type Server } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Connect {
  readonly address: string;
  readonly port: number;
}

/** What `node:net` calls on its handle, once for each address that it tries (libuv's `uv_tcp_connect`). */
type ConnectCall = (this: unknown, request: unknown, address: string, port: number) => number;
interface HandlePrototype {
  connect: ConnectCall;
  connect6: ConnectCall;
}

/**
 * Every TCP connect of this process from now to the end of the test, in order.
 * @param listenerPort where they go instead; connects to that port on 127.0.0.1 itself are recorded too
 */
export const tapConnects = async (listenerPort: number): Promise<readonly Connect[]> => {
  const handle = await handlePrototype();
  const { connect, connect6 } = handle;
  const seen: Connect[] = [];
  const divert: ConnectCall = function (request, address, port) {
    seen.push({ address, port });
    return connect.call(this, request, '127.0.0.1', listenerPort);
  };
  handle.connect = divert;
  handle.connect6 = divert;
  onTestFinished(() => {
    handle.connect = connect;
    handle.connect6 = connect6;
  });
  return seen;
};

/** The class of the handles has no public name; a listening server has one of them. */
const handlePrototype = async (): Promise<HandlePrototype> => {
  const server: Server & { readonly _handle?: object } = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const prototype: unknown = server._handle && Object.getPrototypeOf(server._handle);
  await new Promise((closed) => server.close(closed));
  if (!isHandlePrototype(prototype))
    throw new Error('This Node has no handle with connect and connect6: tap elsewhere.');
  return prototype;
};

const isHandlePrototype = (value: unknown): value is HandlePrototype =>
  typeof value === 'object' &&
  value !== null &&
  'connect' in value &&
  typeof value.connect === 'function' &&
  'connect6' in value &&
  typeof value.connect6 === 'function';

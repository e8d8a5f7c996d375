import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Counts what the clients of this process take off their connections, TLS records included, while `act` runs: what the other side sent
 * beyond that was never in our memory. Only for tests in which nobody else sends requests meanwhile.
 * @see https://nodejs.org/api/diagnostics_channel.html#http "http.client.request.start"
 */
export const bytesReadDuring = async (act: () => Promise<unknown>): Promise<number> => {
  const sockets = new Set<Socket>();
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    const { socket } = request;
    if (socket) sockets.add(socket);
    else request.once('socket', (given) => sockets.add(given));
  };
  subscribe('http.client.request.start', note);
  try {
    await act();
  } finally {
    unsubscribe('http.client.request.start', note);
  }
  return [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
};

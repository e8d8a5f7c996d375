import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The connections that the HTTP clients of this process use while `act` runs: what they took off the wire (`bytesRead`, TLS records included)
 * is what of an answer was ever in our memory. Only for tests in which nobody else sends requests meanwhile.
 * @see https://nodejs.org/api/diagnostics_channel.html#http "http.client.request.start"
 */
export const socketsUsedDuring = async (act: () => Promise<unknown>): Promise<readonly Socket[]> => {
  const sockets = new Set<Socket>();
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    if (request.socket) sockets.add(request.socket);
    else request.once('socket', (given) => sockets.add(given));
  };
  subscribe('http.client.request.start', note);
  try {
    await act();
  } finally {
    unsubscribe('http.client.request.start', note);
  }
  return [...sockets];
};

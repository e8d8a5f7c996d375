import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Config } from '../../shared/config/config.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';

export interface HttpServer {
  /** `http://127.0.0.1:3000`, with the port that was really taken. */
  readonly url: string;
  /**
   * Finishes the requests that are under way and accepts no others; an answer that takes longer than `lastAnswersMs`, such as an export, is
   * cut off.
   */
  close(): Promise<void>;
}

/** A connection on which nothing moves for this long is closed: its caller is gone. */
const silentMs = 120_000;

/**
 * Resolves when the server listens.
 * @throws OperatorMustFix when the address cannot be used: taken, not of this machine, no permission
 */
export const serveHttp = async (
  app: Hono,
  { host, port }: Config['http'],
  { lastAnswersMs = 10_000 }: { readonly lastAnswersMs?: number } = {},
): Promise<HttpServer> => {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.setTimeout(silentMs);
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause) => reject(refusal(cause, host, port)));
  server.listen(port, host, resolve);
  await listening;
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () => {
      const { promise: closed, resolve: end } = Promise.withResolvers<void>();
      const cut = setTimeout(() => server.closeAllConnections(), lastAnswersMs);
      server.close(() => {
        clearTimeout(cut);
        end();
      });
      server.closeIdleConnections();
      return closed;
    },
  };
};

const refusal = (cause: NodeJS.ErrnoException, host: string, port: number): OperatorMustFix => {
  const wanted = `HTTP cannot be answered at ${host} port ${port} (SLUICE_HTTP_HOST, SLUICE_HTTP_PORT)`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new OperatorMustFix(
        `${wanted}: another program answers there. Stop it, or set SLUICE_HTTP_PORT to a free port.`,
        { cause },
      );
    case 'EACCES':
      return new OperatorMustFix(`${wanted}: no permission. Set SLUICE_HTTP_PORT to a port above 1023.`, { cause });
    default:
      return new OperatorMustFix(
        `${wanted}: ${cause.code ?? cause.message}. Set SLUICE_HTTP_HOST to an address of this machine.`,
        { cause },
      );
  }
};

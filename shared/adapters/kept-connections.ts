import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Agents } from './https-exchange.ts';

/** Below what load balancers and address translators keep an idle connection for: they drop it without a word. */
const defaultIdleMs = 30_000;

/**
 * Connections that stay open between two requests and are closed after `idleMs` without one, earlier when the other side's `Keep-Alive`
 * header says so. Idle ones do not keep the process alive.
 * @param ca certificates to trust instead of the usual authorities
 */
export const keptConnections = ({
  idleMs = defaultIdleMs,
  ca,
}: {
  readonly idleMs?: number;
  readonly ca?: string;
} = {}): Agents => {
  const options = { keepAlive: true, timeout: idleMs };
  return { http: new HttpAgent(options), https: new HttpsAgent({ ...options, ...(ca !== undefined && { ca }) }) };
};

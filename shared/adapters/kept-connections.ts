import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Agents } from './https-exchange.ts';

/** Shorter than load balancers and address translators keep an idle connection, which they drop without notice. */
const defaultIdleMs = 30_000;

/** Set explicitly, because the environment can weaken Node's defaults (`NODE_TLS_REJECT_UNAUTHORIZED`, `NODE_OPTIONS`). */
const tls = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;

/**
 * Connections that stay open between two requests and are closed after `idleMs` without one, earlier when the other side's `Keep-Alive`
 * header says so. Idle connections do not keep the process alive. Each call returns agents with connections and TLS sessions of their own:
 * a connection that was checked for one subscription never carries another's requests.
 * @param ca certificates to trust instead of the usual authorities
 */
export const keptConnections = ({
  idleMs = defaultIdleMs,
  ca,
}: {
  readonly idleMs?: number;
  readonly ca?: string;
} = {}): Agents => {
  const kept = { keepAlive: true, timeout: idleMs };
  return { http: new HttpAgent(kept), https: new HttpsAgent({ ...kept, ...tls, ...(ca !== undefined && { ca }) }) };
};

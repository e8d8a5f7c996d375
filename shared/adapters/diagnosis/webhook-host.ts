/** Whether a webhook's host can be reached: its name resolved and checked, a connection made and closed. No request is sent. */
import { type Socket, connect as tcpConnect } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { checkTarget, type Target, type TargetRules } from '../../core/address/target.ts';
import { withoutPath } from '../../core/errors.ts';
import type { DestinationDiagnosis, DestinationFacts } from '../../ports/diagnosis.ts';
import { checkedLookup, knownAddresses, type Resolve, TargetRefused } from '../checked-lookup.ts';
import { codeOf } from '../file-errors.ts';
import { nameResolver } from '../name-resolver.ts';

export interface WebhookHostOptions extends TargetRules {
  readonly url: string;
  readonly resolve?: Resolve;
  /** Certificates to trust instead of the usual authorities. */
  readonly ca?: string;
  /** Default: 5000. */
  readonly connectMs?: number;
}

export const webhookHostDiagnosis = (options: WebhookHostOptions): DestinationDiagnosis => ({
  description: withoutPath(options.url),
  look: async (signal) => {
    const check = checkTarget(options.url, options);
    return check.kind === 'refused'
      ? { kind: 'unreachable', reason: 'The URL may not be delivered to.', remedy: check.reason }
      : connected(check.target, options, signal);
  },
});

const connected = (
  { protocol, hostname, port, addresses }: Target,
  { resolve: given, ca, connectMs = 5000, ...rules }: WebhookHostOptions,
  signal: AbortSignal,
): Promise<DestinationFacts> =>
  new Promise((done) => {
    const isTls = protocol === 'https:';
    const resolve = given ?? nameResolver(rules);
    const lookup = checkedLookup(addresses ? knownAddresses(addresses) : resolve, rules);
    const place = { host: hostname, port, lookup };
    const socket: Socket | TLSSocket = isTls
      ? // As in a delivery: a host name is sent as SNI, an IP address is not (RFC 6066 §3).
        tlsConnect({ ...place, ...(addresses ? {} : { servername: hostname }), ...(ca !== undefined && { ca }) })
      : tcpConnect(place);
    const settle = (facts: DestinationFacts): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', late);
      socket.destroy();
      done(facts);
    };
    const late = (): void =>
      settle({
        kind: 'unreachable',
        reason: `No ${isTls ? 'TLS connection' : 'connection'} within ${connectMs / 1000} s.`,
        remedy: 'Ask the receiver whether it runs and lets our addresses in.',
      });
    const timer = setTimeout(late, connectMs);
    signal.addEventListener('abort', late, { once: true });
    socket.on('error', (error) => settle(failureOf(error)));
    socket.on(isTls ? 'secureConnect' : 'connect', () => {
      const ends = 'getPeerCertificate' in socket ? Date.parse(socket.getPeerCertificate().valid_to) : undefined;
      settle({
        kind: 'connected',
        address: socket.remoteAddress ?? hostname,
        ...(ends !== undefined && { certificateEndsMs: ends }),
      });
    });
  });

const failureOf = (error: Error): DestinationFacts => {
  const code = codeOf(error) ?? '';
  if (error instanceof TargetRefused)
    return {
      kind: 'unreachable',
      reason: `Its name leads to the address ${JSON.stringify(error.address ?? '')}, which is refused.`,
      remedy: error.message,
    };
  if (/^(ENOTFOUND|EAI_AGAIN|ESERVFAIL|ETIMEOUT|EREFUSED)$/.test(code))
    return {
      kind: 'unreachable',
      reason: `Its host name has no address (${code}).`,
      remedy: 'Check the name in the subscription, and the DNS of this machine.',
    };
  if (code === 'CERT_HAS_EXPIRED')
    return {
      kind: 'unreachable',
      reason: 'Its certificate has expired.',
      remedy: 'Have the receiver renew it; until then nothing is delivered.',
    };
  if (/CERT|SELF_SIGNED|ALTNAME|ISSUER/.test(code))
    return {
      kind: 'unreachable',
      reason: `Its certificate is not accepted (${code}).`,
      remedy:
        'Have the receiver use one of a public authority for this name, or trust its own with NODE_EXTRA_CA_CERTS.',
    };
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return {
      kind: 'unreachable',
      reason: `It does not speak TLS there (${code}).`,
      remedy: 'Check the port in the URL of the subscription.',
    };
  return {
    kind: 'unreachable',
    reason: `No connection (${code || error.message}).`,
    remedy: 'Ask the receiver whether it runs and lets our addresses in.',
  };
};

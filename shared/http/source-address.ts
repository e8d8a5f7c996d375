import type { Context } from 'hono';
import ipaddr from 'ipaddr.js';

/** What the two servers hand over beside the request: a socket on one machine, API Gateway's event on Lambda. */
interface Surroundings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  readonly event?: { readonly requestContext?: { readonly http?: { readonly sourceIp?: string } } };
}

/**
 * The caller's address for counting requests: an IPv4 address, or the first 64 bits of an IPv6 address, because a caller may use any
 * address within its network. Headers that name an address are ignored, because anybody can write them. Behind a proxy it is the proxy's
 * address.
 */
export const sourceAddress = (context: Context): string => {
  const { incoming, event } = (context.env ?? {}) as Surroundings;
  const text = incoming?.socket?.remoteAddress ?? event?.requestContext?.http?.sourceIp ?? '';
  if (!ipaddr.isValid(text)) return 'unknown';
  const address = ipaddr.process(text);
  return address.kind() === 'ipv4'
    ? address.toString()
    : Buffer.from(address.toByteArray().slice(0, 8)).toString('hex');
};

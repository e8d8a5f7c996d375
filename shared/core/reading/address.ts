/**
 * The client's address out of what the source wrote: Java's `InetAddress` (`host/203.0.113.9:51544`), a forwarded list
 * (`203.0.113.9, 10.0.0.2`), `[2001:db8::1]:443`, `fe80::1%eth0`, `::ffff:203.0.113.9`.
 */
import { isIPv4, isIPv6 } from 'node:net';

/**
 * IPv4 in dotted form, IPv6 in canonical form (RFC 5952), an IPv4-mapped address as IPv4.
 * `undefined` when the text holds no valid address.
 */
export const readAddress = (text: string): string | undefined => {
  if (isIPv4(text)) return text;
  if (text.length > 512) return undefined;
  const bare = withoutDecoration(text);
  if (isIPv4(bare)) return bare;
  return isIPv6(bare) ? canonicalIPv6(bare) : undefined;
};

const withoutDecoration = (text: string): string => {
  const first = text.split(',', 1)[0] ?? '';
  const literal = first.slice(first.lastIndexOf('/') + 1).trim();
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(literal)?.[1] ?? literal;
  const zoneless = bracketed.split('%', 1)[0] ?? '';
  const port = zoneless.indexOf(':');
  const onlyOneColon = port > 0 && port === zoneless.lastIndexOf(':');
  return onlyOneColon ? zoneless.slice(0, port) : zoneless;
};

/** The URL parser writes RFC 5952, but mapped addresses in hexadecimal. */
const canonicalIPv6 = (address: string): string => {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped) return canonical;
  const high = Number.parseInt(mapped[1] ?? '0', 16);
  const low = Number.parseInt(mapped[2] ?? '0', 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
};

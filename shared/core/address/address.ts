/**
 * Which addresses a delivery may go to.
 *
 * Only ordinary unicast addresses of the public internet, judged by the IANA special-purpose registries and not by a library's idea of
 * "unicast": `ipaddr.js` calls `::7f00:1` unicast and reads `::8.8.8.8` as IPv4-mapped, so the text is made canonical by the WHATWG parser first.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range<Address> = readonly [Address, number];
export type OpenRange = Range<ipaddr.IPv4> | Range<ipaddr.IPv6>;

const refusedV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's wire server: a public address that answers inside every Azure network
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
].map((range) => ipaddr.IPv4.parseCIDR(range));

const globalV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Special-purpose blocks inside 2000::/3; every address outside 2000::/3 is refused anyway. */
const refusedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'].map((range) =>
  ipaddr.IPv6.parseCIDR(range),
);

export interface AddressRules {
  /** Ranges that may be reached although they are not public, or are our own. */
  readonly open: readonly OpenRange[];
  /** Addresses of our own, as `canonicalAddress` writes them. */
  readonly own: ReadonlySet<string>;
}

/**
 * Why an address, as a parser or a resolver returns it (no brackets), may not be a target. `undefined`: it may, because it is ordinary
 * unicast of the public internet or lies in an open range. A text that is no address, or has a zone id, is `not public`.
 */
export const refusalOf = (address: string, { open, own }: AddressRules): 'not public' | 'own' | undefined => {
  const parsed = parseAddress(address);
  if (!parsed) return 'not public';
  if (isOpen(parsed, open)) return undefined;
  if (!isPublic(parsed)) return 'not public';
  return own.has(parsed.toString()) ? 'own' : undefined;
};

/**
 * The canonical spelling of an address, an IPv4-mapped one as the IPv4 inside; `undefined` if the text is no address. A zone id is left
 * out.
 */
export const canonicalAddress = (address: string): string | undefined =>
  parseAddress(address.replace(/%.*$/, ''))?.toString();

/** `undefined` when `text` is not a CIDR block such as `127.0.0.0/8` or `fd00::/8`. */
export const parseRange = (text: string): OpenRange | undefined =>
  ipaddr.IPv4.isValidCIDR(text)
    ? ipaddr.IPv4.parseCIDR(text)
    : ipaddr.IPv6.isValidCIDR(text)
      ? ipaddr.IPv6.parseCIDR(text)
      : undefined;

/** An IPv4-mapped address becomes the IPv4 inside, because that is where the connection goes. */
const parseAddress = (address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => {
  // `isIPv4` accepts four decimal numbers only. A parser for every spelling of an address would take most of the time of a check.
  if (isIPv4(address)) return new ipaddr.IPv4(address.split('.').map(Number));
  if (!isIPv6(address) || address.includes('%')) return undefined;
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const parsed = ipaddr.IPv6.parse(canonical);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
};

const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean => {
  if (address instanceof ipaddr.IPv4) return !refusedV4.some((range) => address.match(range));
  if (!address.match(globalV6) || refusedV6.some((range) => address.match(range))) return false;
  const carried = isatapV4(address);
  return !carried || isPublic(carried);
};

const isOpen = (address: ipaddr.IPv4 | ipaddr.IPv6, open: readonly OpenRange[]): boolean =>
  open.some(([network, bits]) =>
    address instanceof ipaddr.IPv4
      ? network instanceof ipaddr.IPv4 && address.match(network, bits)
      : network instanceof ipaddr.IPv6 && address.match(network, bits),
  );

/** The IPv4 that an ISATAP interface identifier carries (RFC 5214 §6.1): `…:0:5efe:a.b.c.d` or `…:200:5efe:a.b.c.d`. */
const isatapV4 = (address: ipaddr.IPv6): ipaddr.IPv4 | undefined => {
  const [, , , , scope, marker, high = 0, low = 0] = address.parts;
  if (marker !== 0x5efe || (scope !== 0 && scope !== 0x200)) return undefined;
  return new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
};

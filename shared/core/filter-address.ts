import ipaddr from 'ipaddr.js';

/**
 * An address or a CIDR block in its one written form: host bits cleared, IPv4 inside IPv6 as IPv4, `/32` and `/128` left out. `undefined`
 * for any other text, also for octal and shortened IPv4 (`010.0.0.1`, `10.1`) and zone ids, which programs read in different ways.
 */
export const canonicalBlock = (text: string): string | undefined => {
  const [written = '', length, ...rest] = text.split('/');
  if (rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length)) || !isAddress(written)) return undefined;
  const parsed = ipaddr.parse(written);
  const mapped = parsed.kind() === 'ipv6' && (parsed as ipaddr.IPv6).isIPv4MappedAddress();
  const address = mapped ? (parsed as ipaddr.IPv6).toIPv4Address() : parsed;
  const widest = address.kind() === 'ipv4' ? 32 : 128;
  const bits = length === undefined ? widest : Number(length) - (mapped ? 96 : 0);
  if (bits < 0 || bits > widest) return undefined;
  if (bits === widest) return address.toString();
  const block = `${address.toString()}/${bits}`;
  const network = widest === 32 ? ipaddr.IPv4.networkAddressFromCIDR(block) : ipaddr.IPv6.networkAddressFromCIDR(block);
  return `${network.toString()}/${bits}`;
};

const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text));

/** Whether an address (canonical, as in `source.ip`) lies in one of the blocks. Text that is no address lies in none. */
export const inBlocks = (blocks: readonly string[]): ((address: string) => boolean) => {
  const four: { readonly network: number; readonly mask: number }[] = [];
  const six: [ipaddr.IPv6, number][] = [];
  for (const block of blocks) {
    const [address = '', length] = block.split('/');
    if (address.includes(':')) six.push([ipaddr.IPv6.parse(address), Number(length ?? 128)]);
    else {
      const mask = length === '0' ? 0 : (-1 << (32 - Number(length ?? 32))) >>> 0;
      four.push({ network: (fourToNumber(address) & mask) >>> 0, mask });
    }
  }
  return (address) => {
    if (!address.includes(':')) {
      const number = fourToNumber(address);
      return number >= 0 && four.some(({ network, mask }) => (number & mask) >>> 0 === network);
    }
    if (six.length === 0 || !ipaddr.IPv6.isValid(address)) return false;
    const parsed = ipaddr.IPv6.parse(address);
    return six.some(([network, length]) => parsed.match(network, length));
  };
};

/** `a.b.c.d` as an unsigned number, -1 when it is none. Written without regular expressions, which would cost ten times as much per event. */
const fourToNumber = (text: string): number => {
  let number = 0;
  let part = -1;
  let dots = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) {
      part = (part < 0 ? 0 : part * 10) + code - 48;
      if (part > 255) return -1;
    } else if (code === 46 && part >= 0) {
      number = number * 256 + part;
      part = -1;
      dots++;
    } else return -1;
  }
  return dots === 3 && part >= 0 ? number * 256 + part : -1;
};

/**
 * May a delivery go to this URL? The eight rules of `test/fixtures/ssrf/ssrf-cases.md`, in their order; the numbers below are from there. A
 * ninth rule is our own: never to Sluice itself, whether its address is public or not.
 *
 * `checkTarget` judges what can be judged from the text, and address literals. Names are resolved once, when a connection is made, and
 * `checkAnswer` judges every address the resolver gave (rules 6 and 7). Redirects are never followed (rule 8): see `classifyWebhookAnswer`.
 */
import { isIP } from 'node:net';
import { OperatorMustFix } from '../errors.ts';
import { type AddressRules, canonicalAddress, type OpenRange, parseRange, refusalOf } from './address.ts';
import { blockedPorts } from './blocked-ports.ts';
import { refusedName } from './host-name.ts';

export interface Target {
  readonly protocol: 'https:' | 'http:';
  /** Name or address, without brackets and trailing dot. */
  readonly hostname: string;
  readonly port: number;
  /** Path and query, as sent. Often a credential: never printed. */
  readonly path: string;
  /** Present if no name may be looked up: the address literal itself, or the open loopback addresses for `localhost`. */
  readonly addresses?: readonly string[];
}

export type TargetCheck =
  | { readonly kind: 'allowed'; readonly target: Target }
  /** `reason` names the host at most, never path, query or user information. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface TargetRules {
  /** CIDR blocks that are open although they are not global unicast (`SLUICE_ALLOW_PRIVATE_TARGETS`). */
  readonly allow: readonly string[];
  /**
   * Names and addresses of Sluice itself: the host of its HTTP API, the addresses of the machine. A name is always refused, an address
   * unless `allow` opens it. Absent: none are known.
   */
  readonly own?: readonly string[];
}

const longestUrl = 2048;
const loopback = ['127.0.0.1', '::1'] as const;

/**
 * With an open range, names of private networks are judged by their addresses alone, and `http:` is possible to a loopback literal or
 * `localhost` inside that range; `localhost` is never looked up (RFC 6761 §6.3).
 * @throws OperatorMustFix when `allow` holds something that is no CIDR block
 */
export const checkTarget = (url: string, rules: TargetRules): TargetCheck => {
  const addressRules = addressRulesOf(rules);
  const { open } = addressRules;
  // 1: no repairs; 2: parse once
  if (url.length > longestUrl) return refused(`The URL has ${url.length} characters; the most is ${longestUrl}.`);
  if (unreadable.test(url)) return refused('The URL holds white space, a control character or a backslash. Remove it.');
  if (!/^https?:\/\/[^/?#]/i.test(url)) return refused('The URL must begin with https:// and a host name.');
  const parsed = URL.parse(url);
  if (!parsed) return refused('The URL cannot be read: its host or port is not valid.');
  // 3
  if (parsed.username || parsed.password)
    return refused('The URL holds a user name or password. Send it in a header, for example Authorization.');

  const hostname = withoutEndDot(parsed.hostname.replace(/^\[|\]$/g, ''));
  const addresses = addressesWithoutLookup(hostname, addressRules);
  if (parsed.protocol === 'http:' && !addresses?.every(isLoopback))
    return refused(
      `The URL must begin with https://; http:// is for loopback addresses that SLUICE_ALLOW_PRIVATE_TARGETS opens.`,
    );
  // 4
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? 443 : 80) : Number(parsed.port);
  if (blockedPorts.has(port)) return refused(`Port ${port} belongs to another service. Use 443, or a port above 1023.`);
  // 5
  const badName = addresses || open.length > 0 ? undefined : refusedName(hostname);
  if (badName) return refused(`The host ${quote(hostname)} ${badName}. Use a public host name.`);
  if (!isIP(hostname) && rules.own?.some((name) => withoutEndDot(name.toLowerCase()) === hostname))
    return refused(`The host ${quote(hostname)} is Sluice itself. Use the host of your receiver.`);
  // 7, literals
  const bad = addresses && refusedAddress(addresses, addressRules);
  if (bad)
    return refused(
      `The address ${quote(bad.address)} ${bad.why}. Use another host, or open its range with SLUICE_ALLOW_PRIVATE_TARGETS.`,
    );

  return {
    kind: 'allowed',
    target: {
      protocol: parsed.protocol === 'http:' ? 'http:' : 'https:',
      hostname,
      port,
      path: `${parsed.pathname}${parsed.search}`,
      ...(addresses && { addresses }),
    },
  };
};

export interface RefusedAnswer {
  /** Does not hold the address: a customer who names a host must not learn what it resolves to in our network. */
  readonly reason: string;
  /** The refused address, for the operator. */
  readonly address?: string;
}

/**
 * Why the resolver's answer for a name is refused: no address at all, or one that is not allowed. `undefined`: every one is allowed.
 * @throws OperatorMustFix when `allow` holds something that is no CIDR block
 */
export const checkAnswer = (addresses: readonly string[], rules: TargetRules): RefusedAnswer | undefined => {
  if (addresses.length === 0) return { reason: 'The host name has no address.' };
  const bad = refusedAddress(addresses, addressRulesOf(rules));
  return (
    bad && {
      reason: `The host name leads to an address that ${bad.why}. Use another host, or open its range with SLUICE_ALLOW_PRIVATE_TARGETS.`,
      address: bad.address,
    }
  );
};

const withoutEndDot = (name: string): string => name.replace(/\.$/, '');

const unreadable = /[\s\\\p{Cc}]/u;

const addressesWithoutLookup = (hostname: string, rules: AddressRules): readonly string[] | undefined => {
  if (isIP(hostname)) return [hostname];
  if (hostname !== 'localhost') return undefined;
  const opened = loopback.filter((address) => !refusalOf(address, rules));
  return opened.length > 0 ? opened : undefined;
};

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** The first refused address, and the end of a sentence about it. */
const refusedAddress = (
  addresses: readonly string[],
  rules: AddressRules,
): { readonly address: string; readonly why: string } | undefined => {
  for (const address of addresses) {
    const refusal = refusalOf(address, rules);
    if (refusal)
      return { address, why: refusal === 'own' ? 'is that of Sluice itself' : 'is not on the public internet' };
  }
  return undefined;
};

const addressRulesOf = ({ allow, own = [] }: TargetRules): AddressRules => ({
  open: openRanges(allow),
  own: new Set(own.map(canonicalAddress).filter((address) => address !== undefined)),
});

const openRanges = (allow: readonly string[]): readonly OpenRange[] =>
  allow.map((text) => {
    const range = parseRange(text);
    if (range) return range;
    throw new OperatorMustFix(
      `SLUICE_ALLOW_PRIVATE_TARGETS must be address ranges separated by commas; got ${quote(text)}. Write for example 127.0.0.0/8.`,
    );
  });

const quote = (text: string): string => JSON.stringify(text.slice(0, 253));
const refused = (reason: string): TargetCheck => ({ kind: 'refused', reason });

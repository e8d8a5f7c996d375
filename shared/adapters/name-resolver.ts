import { lookup, Resolver } from 'node:dns/promises';
import type { TargetRules } from '../core/address/target.ts';
import type { Resolve } from './checked-lookup.ts';

export interface NameResolverOptions extends Pick<TargetRules, 'allow'> {
  /** `address:port` of name servers; default: the system's. */
  readonly servers?: readonly string[];
  /** How long to wait for a name server; it is asked twice, with a longer wait the second time. */
  readonly timeoutMs?: number;
}

/** Short enough that both questions end within the time for connecting. */
const patienceMs = 1_000;

/**
 * Asks the system's name servers for IPv4 and IPv6 addresses, without hosts file and search list: a name means what it means on the whole
 * internet. If the operator has allowed private ranges, a name that is unknown there is looked up as the system does, for private
 * receivers.
 *
 * `dns.lookup` alone would not do: it blocks a thread for as long as a name server stays silent, and libuv lets only two of its four
 * threads do that, so two names of one customer could block the look-ups of all others.
 * @returns rejects with `code: 'ENOTFOUND'` when there is no such name, with another one when no server answered; `[]`: no address
 * @see https://nodejs.org/api/dns.html#implementation-considerations
 */
export const nameResolver = ({ allow, servers, timeoutMs = patienceMs }: NameResolverOptions): Resolve => {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (servers) resolver.setServers(servers);
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    const failed = failures.find((failure) => !isAbsence(failure));
    if (failed !== undefined) throw failed;
    if (allow.length > 0) return (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address);
    const [absence] = failures.filter((failure) => codeOf(failure) === 'ENOTFOUND');
    if (absence !== undefined) throw absence;
    return [];
  };
};

/** A server said that there is no such name, or that it has no address of that family. */
const isAbsence = (failure: unknown): boolean => /^(ENOTFOUND|ENODATA)$/.test(codeOf(failure));

const codeOf = (failure: unknown): string =>
  failure instanceof Error && 'code' in failure ? String(failure.code) : '';

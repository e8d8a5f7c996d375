import { lookup, Resolver } from 'node:dns/promises';
import type { TargetRules } from '../core/address/target.ts';
import type { Resolve } from './checked-lookup.ts';

export interface NameResolverOptions extends Pick<TargetRules, 'allow'> {
  /** `address:port` of name servers; default: the system's. */
  readonly servers?: readonly string[];
  /** How long a name server is waited for; it is asked twice, the second time for longer. */
  readonly timeoutMs?: number;
}

/** With the second question within the time that a connection has. */
const patienceMs = 1_000;

/**
 * Asks the system's name servers for both families, with neither hosts file nor search list: a name is what the whole internet calls it. Where
 * the operator has opened ranges, a name that is unknown there is looked for as the system does, for private receivers.
 *
 * Not by `dns.lookup` alone: that holds one of two threads for as long as a name server stays silent (libuv lets half of its threads wait), so
 * that two names of one customer could keep everybody from being looked up.
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

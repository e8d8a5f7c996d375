/** Name resolution for deliveries: one look-up per connection, every address checked, and the connection goes to a checked address only. */
import { isIPv6, type LookupFunction } from 'node:net';
import { checkAnswer, type RefusedAnswer, type TargetRules } from '../core/address/target.ts';

/** All addresses of a name; `[]` or a rejection with `code: 'ENOTFOUND'` when there is none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** The resolver answered, and Sluice refuses to connect there. The message holds no address: see `RefusedAnswer`. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
  /** The refused address, for the operator. */
  readonly address: string | undefined;

  constructor({ reason, address }: RefusedAnswer) {
    super(reason);
    this.address = address;
  }
}

/**
 * A `lookup` function for `node:net`, which connects to the addresses that it returns and resolves nothing itself. It is called for each
 * new connection and never for IP literals: those are checked by `checkTarget`. Fails with `TargetRefused` when one of the addresses is not
 * allowed.
 */
export const checkedLookup =
  (resolve: Resolve, rules: TargetRules): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const refused = addresses.length === 0 ? undefined : checkAnswer(addresses, rules);
        if (refused) return callback(new TargetRefused(refused), []);
        const [first] = addresses;
        if (first === undefined)
          return callback(Object.assign(new Error('The host name has no address.'), { code: 'ENOTFOUND' }), []);
        const answers = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
        return options.all ? callback(null, answers) : callback(null, first, isIPv6(first) ? 6 : 4);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

/** For a name whose addresses are known, such as `localhost`: no name server is asked. */
export const knownAddresses = (addresses: readonly string[]): Resolve => {
  const answer = Promise.resolve(addresses);
  return () => answer;
};

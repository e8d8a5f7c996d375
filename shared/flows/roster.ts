/** Everybody's subscriptions, those of the settings' file and those made by the API alike. */
import type { Subscription } from '../core/subscription.ts';

export interface Roster {
  /**
   * With its credentials, fit for `openDestination`; `undefined` when there is none, or it was deleted.
   * @throws OperatorMustFix when its credentials were sealed under a root key that is gone
   */
  get(id: string): Promise<Subscription | undefined>;
  /** Ids of the subscriptions of these tenants, and always of those that receive every event (`*`): one read per tenant and 1 000. */
  idsOf(tenants: ReadonlySet<string>): Promise<readonly string[]>;
  /** All, without credentials: for status, heads, verify. Reads every record: never on the way of an event. */
  all(): Promise<readonly Subscription[]>;
  /** Those of the settings' file: known without a read. */
  readonly fromFile: readonly Subscription[];
}

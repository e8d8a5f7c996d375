import { mayUse, type Scope } from '../../core/api-key.ts';
import { everyTenant } from '../../core/event.ts';

/** Who asks. A caller of a tenant sees and touches that tenant's things alone; one of `*`, an operator, everybody's. */
export interface Caller {
  readonly tenant: string;
  /** The id of an API key, or `operator` on the command line. */
  readonly by: string;
  readonly scopes: readonly Scope[];
}

/** Whoever may run commands on the machine is an operator. */
export const commandLine: Caller = { tenant: everyTenant, by: 'operator', scopes: ['operator'] };

/** Whether things of this tenant exist for the caller: what does not is answered like what is not there. */
export const sees = (caller: Caller, tenant: string): boolean =>
  caller.tenant === everyTenant || caller.tenant === tenant;

export const isOperator = (caller: Caller): boolean => caller.tenant === everyTenant && mayUse(caller, 'operator');

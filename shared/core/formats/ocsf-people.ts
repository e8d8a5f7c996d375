/** Users as OCSF writes them: roles become groups, and a user is never only an e-mail address. */
import type { EcsEvent } from '../event.ts';

export interface OcsfUser {
  readonly uid?: string;
  readonly name?: string;
  readonly email_addr?: string;
  readonly type_id: 0 | 1 | 2;
  readonly type: 'Unknown' | 'User' | 'Admin';
  readonly groups?: readonly { readonly name: string; readonly type: 'Role' }[];
  readonly org?: { readonly uid: string };
}

/** The e-mail addresses that OCSF 1.8 accepts: ASCII, with a dot in the domain. */
const emailShape = /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/;

export const unknownUser: OcsfUser = { name: 'unknown', type_id: 0, type: 'Unknown' };
export const unauthenticatedUser: OcsfUser = { name: 'unauthenticated', type_id: 0, type: 'Unknown' };

/** The user who made the request; `undefined` if the event names none. */
export const requesterOf = ({ user, organization }: EcsEvent): OcsfUser | undefined => {
  const { id, email, roles = [] } = user ?? {};
  if (!id && !email) return undefined;
  const isAdmin = roles.some((role) => role.toLowerCase() === 'admin');
  return {
    ...(id && { uid: id }),
    ...(email && { name: email }),
    ...(email && emailShape.test(email) && { email_addr: email }),
    ...(isAdmin ? { type_id: 2, type: 'Admin' } : id ? { type_id: 1, type: 'User' } : { type_id: 0, type: 'Unknown' }),
    ...(roles.length > 0 && { groups: roles.map((name) => ({ name, type: 'Role' as const })) }),
    ...(organization?.id && { org: { uid: organization.id } }),
  };
};

/** The user whose account was acted on; `undefined` if the event names only the requester. */
export const targetOf = ({ user }: EcsEvent): OcsfUser | undefined =>
  user?.target?.id ? { uid: user.target.id, type_id: 1, type: 'User' } : undefined;

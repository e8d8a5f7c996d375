/** Derives actor, target and organisation if no field names them. */
import { type Body, bodyMember } from './body.ts';
import { organizationIn, type Url } from './url.ts';

/** Actions before a login, for which the source names no user. Value: whether `id` in the response is the id of the user. */
const unauthenticated: ReadonlyMap<string, 'id is user' | 'id is not user'> = new Map([
  ['agent_login', 'id is user'],
  ['agent_login_with_magic_link', 'id is user'],
  ['agent_password_reset', 'id is user'],
  ['agent_password_change_with_token', 'id is user'],
  ['agent_invitation_acceptation', 'id is user'],
  ['oauth_authorization', 'id is user'],
  ['free_org_creation', 'id is not user'],
  ['stripe_org_creation', 'id is not user'],
]);

/** The actions whose user may be derived. */
export const unauthenticatedActions: readonly string[] = [...unauthenticated.keys()];

export interface Subject {
  readonly id?: string;
  readonly email?: string;
  /** Where it was found, as the text of a label. */
  readonly from: 'response body' | 'request body';
}

/** The subject of an action without a user: `id` of a successful response, else `email` of the request. */
export const derivedSubject = (
  action: string | undefined,
  outcome: string,
  request: Body | undefined,
  response: Body | undefined,
): Subject | undefined => {
  const kind = action === undefined ? undefined : unauthenticated.get(action);
  if (kind === undefined) return undefined;
  const email = bodyMember(request, 'email');
  if (kind === 'id is user' && outcome === 'success') {
    const id = bodyMember(response, 'id');
    const known = email ?? bodyMember(response, 'email');
    if (id !== undefined)
      return known === undefined ? { id, from: 'response body' } : { id, email: known, from: 'response body' };
  }
  return email === undefined ? undefined : { email, from: 'request body' };
};

export interface Organizations {
  /** The first organisation found, and where. */
  readonly id: string;
  readonly from: 'document' | 'url' | 'request body' | 'response body';
  /** Every organisation that the event names, including the first: evidence for the tenant. */
  readonly all: readonly string[];
}

export const organizationsOf = (
  field: string | undefined,
  url: Url | undefined,
  request: Body | undefined,
  response: Body | undefined,
): Organizations | undefined => {
  const inUrl = url && organizationIn(url);
  const inRequest = bodyMember(request, 'orgId');
  const inResponse = bodyMember(response, 'orgId');
  const id = field ?? inUrl ?? inRequest ?? inResponse;
  if (id === undefined) return undefined;
  const from = field ? 'document' : inUrl ? 'url' : inRequest ? 'request body' : 'response body';
  return { id, from, all: [field, inUrl, inRequest, inResponse].filter((found) => found !== undefined) };
};

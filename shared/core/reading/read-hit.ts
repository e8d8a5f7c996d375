/**
 * From a hit, as the source wrote it, to an event that may be stored, sent and printed: fields located, read tolerantly, redacted,
 * categorised, attributed to a tenant. Nothing of the hit leaves this module unredacted, and no setting turns that off.
 */
import { hash } from 'node:crypto';
import { type Hit, type ReadEvent, unattributed } from '../event.ts';
import { eventKey } from '../event-key.ts';
import type { Attribute } from '../tenants.ts';
import { assemble } from './assemble.ts';
import { type Draft, draftOf, type Identity } from './draft.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { readText } from './scalars.ts';
import { type SecretSearch, searchFor } from './search-secrets.ts';
import { lastOf, sortEpoch, sortTime } from './time.ts';
import { unreadableEvent } from './unreadable.ts';

export interface ReaderOptions {
  /** The field the source is sorted by, for example `@timestamp`. */
  readonly timeField: string;
  readonly attribute: Attribute;
}

/** @param readAt when the hit was pulled, ISO 8601 with milliseconds: becomes `event.created` */
export type ReadHit = (hit: Hit, readAt: string) => ReadEvent;

const prefixOfMessage = 'message.';

/**
 * A reader that turns every hit into an event and never throws: a hit that cannot be read becomes a minimal event with
 * `event.kind: pipeline_error`. Pure: the same hit and `readAt` always give the same event.
 */
export const hitReader = ({ timeField: configured, attribute }: ReaderOptions): ReadHit => {
  const timeField = configured.startsWith(prefixOfMessage) ? configured.slice(prefixOfMessage.length) : configured;
  return (hit, readAt) => {
    const given: Partial<Record<keyof Hit, unknown>> = typeof hit === 'object' && hit !== null ? hit : {};
    const identity: Identity = {
      index: readText(given._index) ?? '',
      id: readText(given._id) ?? contentId(given),
      sortTime: sortTime(given.sort),
      sortEpoch: sortEpoch(given.sort),
    };
    try {
      const fields = fieldsOf(given, timeField);
      if (fields) return readFields(fields, identity, timeField, attribute, readAt);
      return unreadableEvent(identity, 'it holds no document', attribute, readAt);
    } catch (error) {
      const kind = error instanceof Error ? error.name : typeof error;
      return unreadableEvent(identity, `reading it failed with ${kind}`, attribute, readAt);
    }
  };
};

/** The id of a hit without `_id`, made from its content, so that two such hits are not taken for one. */
const contentId = (hit: object): string => {
  try {
    return hash('sha256', JSON.stringify(hit), 'base64url');
  } catch {
    return '';
  }
};

const readFields = (
  fields: Fields,
  identity: Identity,
  timeField: string,
  attribute: Attribute,
  readAt: string,
): ReadEvent => {
  const draft = draftOf(fields, identity, timeField);
  const tenant = tenantOf(draft, identity, attribute);
  if (tenant === unattributed) draft.labels['attribution'] = 'none';
  const search = searchIn(draft);
  const event = assemble(draft, identity, readAt, search);
  const redactions = draft.findings.count + (search?.hits ?? 0);
  const read = { key: eventKey(identity.index, identity.id), time: draft.time, tenant, event, redactions };
  const lastTime = lastOf(fields.time);
  return lastTime === undefined ? read : { ...read, lastTime };
};

const none: readonly string[] = [];

/** Actor, target and every named organisation are evidence of equal weight. */
const tenantOf = (
  { userId, targetId, email, organizations }: Draft,
  identity: Identity,
  attribute: Attribute,
): string => {
  const actor = userId === undefined ? none : [userId];
  const users = targetId === undefined ? actor : [...actor, targetId];
  return attribute({ index: identity.index, organizations, users, emails: email === undefined ? none : [email] });
};

const searchIn = ({ findings, labels }: Draft): SecretSearch | undefined => {
  if (findings.secrets.size === 0) return undefined;
  const search = searchFor(findings.secrets);
  if (search.kind === 'too many secrets') labels['search'] = 'too many secrets: texts that may hold one are removed';
  return search;
};

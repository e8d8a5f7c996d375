import { BadBody, type BodyMistake } from '../../core/bad-body.ts';
import { changedFields } from '../../core/changed-fields.ts';
import { rosterPartition, type StoredSubscription } from '../../core/stored-subscription.ts';
import type { Subscription } from '../../core/subscription.ts';
import { settingsOf } from '../../core/subscription-state.ts';
import { isObject, kindOf, type Written } from '../../core/written.ts';
import { newExternalId } from '../roster/new-ids.ts';
import { type Answer, changedElsewhere, done, isRefusal, notFound } from './answer.ts';
import { auditedWrite } from './audited-write.ts';
import type { Caller } from './caller.ts';
import { type Expecting, findStored } from './find-expected.ts';
import { viewFound } from './find-subscription.ts';
import { holdWhileChanging, proveAfterChange } from './hold-while-changing.ts';
import type { ManageDeps } from './manage-deps.ts';
import { markSettings } from './mark-settings.ts';
import { mergePatch } from './merge-patch.ts';
import { parseWritten, sealedParts } from './parse-written.ts';
import type { SubscriptionView } from './subscription-view.ts';
import { wakeNow } from './wake-now.ts';

/**
 * Changes what a JSON merge patch (RFC 7396) names of what was written. A webhook whose URL changes must answer a challenge again: it is held
 * first, then changed, then challenged, so that whatever crashes nothing is sent to an endpoint that nobody has proven.
 * @returns `refused` `kept in the file`
 * @throws BadBody with every mistake: `id`, `tenant`, `start`, the type of the destination and its `externalId` do not change
 */
export const changeSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  patch: unknown,
  { expected }: Expecting = {},
): Promise<Answer<SubscriptionView>> => {
  const found = await findStored(deps, caller, id, expected);
  if (isRefusal(found)) return found;
  if (!isObject(patch))
    throw new BadBody([{ path: [], detail: `must be an object; got ${kindOf(patch)}; write what is to change` }]);
  const before = await deps.roster.get(id);
  if (!before) return notFound;
  const written = mergePatch(wholeWritten(found.stored, before), patch);
  const subscription = await reparsed(deps, before, written, patch);
  if (!isObject(written)) throw new Error('A body that was parsed is an object.');

  const value: StoredSubscription = {
    ...found.stored,
    ...(await sealedParts(deps, subscription, written)),
    changedAt: new Date(deps.clock.nowMs()).toISOString(),
  };
  const hasMoved = urlOf(before) !== urlOf(subscription);
  if (hasMoved) await holdWhileChanging(deps, caller, before);
  const record = { partition: rosterPartition(before.tenant), id, value };
  const changed = changedFields(before, subscription);
  const change = { action: 'subscription-changed', tenant: before.tenant, id, by: caller.by, changed } as const;
  if ((await auditedWrite(deps, record, found.version, change)) === 'conflict') {
    const now = hasMoved ? await deps.roster.get(id) : undefined;
    if (now) await proveAfterChange(deps, now);
    return changedElsewhere(found.version + 1);
  }
  if (settingsOf(before) !== settingsOf(subscription)) await markSettings(deps, subscription);
  if (hasMoved) await proveAfterChange(deps, subscription);
  await wakeNow(deps, id, 'changed');
  return done(await viewFound(deps, { subscription: value.subscription, stored: value, version: found.version + 1 }));
};

/** What was written, its credentials back in their place. */
const wholeWritten = ({ written = {} }: StoredSubscription, { destination }: Subscription): Written => {
  if (destination.type !== 'webhook') return written;
  const { url, headers } = destination;
  const rest = isObject(written['destination']) ? written['destination'] : {};
  return { ...written, destination: { ...rest, url, ...(headers && { headers }) } };
};

const urlOf = ({ destination }: Subscription): string | undefined =>
  destination.type === 'webhook' ? destination.url : undefined;

/** What decides who it is stays: the version of its secret too. */
const reparsed = async (
  deps: ManageDeps,
  before: Subscription,
  written: unknown,
  patch: Written,
): Promise<Subscription> => {
  const { id, tenant, destination, start, secret } = before;
  const externalId = (destination.type === 's3' ? destination.externalId : undefined) ?? newExternalId();
  const also = [...fixedMistakes(destination.type, patch), ...leftHeaders(destination, patch)];
  const changed = await parseWritten(deps, written, { id, tenant, externalId }, also);
  return { ...changed, start, ...(secret && { secret }) };
};

/**
 * Values of headers are never shown again, and a new URL would be sent them: whoever may change it could read them there, at another path of a
 * host that many share too. Those that the patch does not give anew, or take away, are a mistake.
 */
const leftHeaders = (before: Subscription['destination'], patch: Written): readonly BodyMistake[] => {
  const destination = patch['destination'];
  if (before.type !== 'webhook' || !isObject(destination)) return [];
  const { url, headers = {} } = destination;
  if (typeof url !== 'string' || url === before.url || headers === null) return [];
  const given = isObject(headers) ? Object.keys(headers) : [];
  const left = Object.keys(before.headers ?? {}).filter((name) => !given.includes(name));
  if (left.length === 0) return [];
  const detail = `were written for another URL, and are not sent to a new one: write ${left.join(', ')} again, or null`;
  return [{ path: ['destination', 'headers'], detail }];
};

const fixedMistakes = (type: string, patch: Written): readonly BodyMistake[] => {
  const mistakes: BodyMistake[] = [];
  if (patch['start'] !== undefined)
    mistakes.push({ path: ['start'], detail: 'says where it began, which is over; ask for a replay instead' });
  const destination = patch['destination'];
  const wanted = isObject(destination) ? destination['type'] : undefined;
  if (wanted !== undefined && wanted !== type)
    mistakes.push({ path: ['destination', 'type'], detail: `is ${type} and stays so; make another subscription` });
  return mistakes;
};

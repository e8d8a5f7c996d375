import { BadBody } from '../../core/bad-body.ts';
import { rosterPartition, type StoredSubscription } from '../../core/stored-subscription.ts';
import type { SecretVersions } from '../../core/subscription.ts';
import { got } from '../../core/written.ts';
import { type Answer, changedElsewhere, done, isRefusal, notNow, refused } from './answer.ts';
import { auditedWrite } from './audited-write.ts';
import type { Caller } from './caller.ts';
import { type Expecting, findStored } from './find-expected.ts';
import { viewFound } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import { isSigned, type SigningMaterial, signingMaterialOf } from './signing-material.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface Rotated {
  readonly subscription: SubscriptionView;
  /** The new secret; not shown again. */
  readonly signing: SigningMaterial;
}

const longestOverlapSeconds = 7 * 86_400;
const usualOverlapSeconds = 86_400;

/**
 * A new signing secret. The one before it signs beside it for `overlapSeconds` (0 to 604 800, default 86 400).
 *
 * While that lasts another rotation with an overlap is refused: only two secrets ever sign, and the receivers that still use the older one were
 * promised that it holds. One with `overlapSeconds` 0 ends all former secrets at once: what a leak asks for.
 * @returns `refused` `not now`: the overlap of the last rotation lasts; `wrong state`: nothing is signed for it
 */
export const rotateSecret = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  { expected, overlapSeconds = usualOverlapSeconds }: Expecting & { readonly overlapSeconds?: number } = {},
): Promise<Answer<Rotated>> => {
  const found = await findStored(deps, caller, id, expected);
  if (isRefusal(found)) return found;
  checkOverlap(overlapSeconds);
  const { destination, tenant, secret } = found.subscription;
  if (!isSigned(found.subscription))
    return refused(
      'wrong state',
      `Only what is sent to a webhook or polled is signed with a secret; this one goes to: ${destination.type}.`,
    );
  const nowMs = deps.clock.nowMs();
  const untilMs = secret?.previous?.untilMs ?? 0;
  if (overlapSeconds > 0 && untilMs > nowMs)
    return notNow(
      `The secret before this one still signs until ${new Date(untilMs).toISOString()}. Rotate again then, or with overlapSeconds 0, which ends all former secrets at once.`,
      untilMs - nowMs,
    );

  const rotated = nextSecret(secret, overlapSeconds, nowMs);
  const value: StoredSubscription = {
    ...found.stored,
    subscription: { ...found.subscription, secret: rotated },
    changedAt: new Date(nowMs).toISOString(),
  };
  const signing = await signingMaterialOf(deps, value.subscription);
  if (!signing) throw new Error('What is signed has a secret.');
  // Read before the secret is written: a failure afterwards would hide a secret that cannot be shown again.
  const view = await viewFound(deps, { subscription: value.subscription, stored: value, version: found.version + 1 });
  const record = { partition: rosterPartition(tenant), id, value };
  const change = { action: 'secret-rotated', tenant, id, by: caller.by } as const;
  if ((await auditedWrite(deps, record, found.version, change)) === 'conflict')
    return changedElsewhere(found.version + 1);
  return done({ subscription: view, signing });
};

const nextSecret = (secret: SecretVersions | undefined, overlapSeconds: number, nowMs: number): SecretVersions => {
  const version = secret?.version ?? 1;
  const previous = { version, untilMs: nowMs + overlapSeconds * 1000 };
  return { version: version + 1, ...(overlapSeconds > 0 && { previous }) };
};

const checkOverlap = (seconds: number): void => {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= longestOverlapSeconds) return;
  const detail = `must be a whole number from 0 to ${longestOverlapSeconds}; got ${got(seconds)}; write, for example, ${usualOverlapSeconds}`;
  throw new BadBody([{ path: ['overlapSeconds'], detail }]);
};

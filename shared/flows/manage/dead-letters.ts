import type { DeadLetter } from '../../core/dead-letter.ts';
import { isBefore, ownCursor } from '../../core/replay.ts';
import { deadLetterPartition, type SubscriptionState } from '../../core/subscription-state.ts';
import { letterIn } from '../deliver/dead-letters.ts';
import { idAfter } from '../records/each-record.ts';
import { type Answer, done, isRefusal, notFound, notNow, type Refusal, refused } from './answer.ts';
import { auditedRemove } from './audited-write.ts';
import type { Caller } from './caller.ts';
import { changeState, type StateChange } from './change-state.ts';
import { eventOfLetter } from './event-of-letter.ts';
import { type FindDeps, type Found, findSubscription, headByCheckpoint } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import { plainReason } from './plain-reason.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';
import { type SubscriptionView, viewOf } from './subscription-view.ts';
import { wakeNow } from './wake-now.ts';

/** An event that the destination can never accept, by what it said. */
export interface DeadLetterView {
  /** Of the letter. */
  readonly id: string;
  /** `event.id`. */
  readonly event: string;
  /** `webhook-id` of the batch that held it. */
  readonly batch: string;
  readonly answer: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface OpenedDeadLetter extends DeadLetterView {
  /** The event as it would travel (`fields`, `personalData`), ECS nested; absent once the journal's retention has passed. */
  readonly content?: unknown;
}

/** By id, which is in no order of time. */
export const listDeadLetters = async (
  deps: FindDeps,
  caller: Caller,
  id: string,
  { after, limit }: PageOptions,
): Promise<Answer<Page<DeadLetterView>>> => {
  if (!(await findSubscription(deps, caller, id))) return notFound;
  const from = after === undefined ? {} : { from: idAfter(after) };
  const page = await deps.records.range(deadLetterPartition(id), { ...from, limit: limit + 1 });
  const items = page.slice(0, limit).flatMap((record) => {
    const letter = letterIn(record);
    return letter ? [shown(record.id, letter)] : [];
  });
  const last = page[limit - 1];
  return done(page.length > limit && last ? { items, next: last.id } : { items });
};

export const readDeadLetter = async (
  deps: FindDeps & Pick<ManageDeps, 'journal'>,
  caller: Caller,
  id: string,
  letterId: string,
): Promise<Answer<OpenedDeadLetter>> => {
  const found = await findLetter(deps, caller, id, letterId);
  if (!found) return notFound;
  const content = await eventOfLetter(deps.journal, found.subscription, found.letter);
  return done({ ...shown(letterId, found.letter), ...(content !== undefined && { content }) });
};

/**
 * The event is sent as a batch of its own, next; once it is accepted the letter is gone and counts as delivered. Refused again, it stays.
 * @returns `refused` `not now`: a replay or another letter is under way; `not in the journal`; `wrong state`
 */
export const retryDeadLetter = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  letterId: string,
): Promise<Answer<SubscriptionView>> => {
  const found = await findLetter(deps, caller, id, letterId);
  if (!found) return notFound;
  const { letter } = found;
  const gone = await expired(deps, letter);
  if (gone) return gone;
  const head = await headByCheckpoint(deps);
  const retried = await changeState(deps, caller, found, {
    action: 'dead-letter-retried',
    reason: `letter ${letterId}`,
    decide: (state) => retryOf(state, letterId, letter, deps.clock.nowMs()),
  });
  if (isRefusal(retried)) return retried;
  await wakeNow(deps, id, 'letter');
  return done(viewOf(found, retried, head));
};

/** Nobody will send it; the journal keeps it, and the audit journal says who gave it up, and why. It stays counted as a dead letter. */
export const discardDeadLetter = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  letterId: string,
  { reason: written }: { readonly reason: string },
): Promise<Answer<undefined>> => {
  const found = await findLetter(deps, caller, id, letterId);
  if (!found) return notFound;
  const reason = plainReason(written) ?? '';
  const { tenant } = found.subscription;
  const change = {
    action: 'dead-letter-discarded',
    tenant,
    id,
    by: caller.by,
    reason: `letter ${letterId}, event ${found.letter.event}: ${reason}`,
  } as const;
  const record = { partition: deadLetterPartition(id), id: letterId };
  const removed = await auditedRemove(deps, record, found.letterVersion, change);
  return removed === 'removed' ? done(undefined) : notFound;
};

const shown = (id: string, { event, batch, answer, at }: DeadLetter): DeadLetterView => ({
  id,
  event,
  batch,
  answer,
  at,
});

interface FoundLetter extends Found {
  readonly letter: DeadLetter;
  readonly letterVersion: number;
}

const findLetter = async (
  deps: FindDeps,
  caller: Caller,
  id: string,
  letterId: string,
): Promise<FoundLetter | undefined> => {
  const found = await findSubscription(deps, caller, id);
  const record = found && (await deps.records.get(deadLetterPartition(id), letterId));
  const letter = letterIn(record);
  return found && record && letter ? { ...found, letter, letterVersion: record.version } : undefined;
};

const expired = async ({ journal }: ManageDeps, { from }: DeadLetter): Promise<Refusal | undefined> => {
  if (!from)
    return refused(
      'wrong state',
      'Where its event stands in the journal was not recorded when it was refused. Ask for a replay of the time it is of, or discard it.',
    );
  const oldest = await journal.oldest();
  return from.segment >= oldest
    ? undefined
    : refused(
        'not in the journal',
        `Its event has expired: the journal keeps events from segment ${oldest} on. Discard it, or have an operator run: npx sluice backfill`,
      );
};

const retryOf = (state: SubscriptionState, id: string, letter: DeadLetter, nowMs: number): StateChange | Refusal => {
  const { from, to, account } = letter;
  const own = ownCursor(state);
  if (!from || !to || isBefore(own, to))
    return refused('wrong state', 'Its event is yet to be delivered: a replay was asked for. Nothing need be done.');
  if (state.replay)
    return notNow('A replay, or another dead letter, is being sent again. Ask again when it is over.', 60_000);
  const isCounted = account === (state.account ?? 0);
  return { state: { ...state, replay: { from, until: to, letter: { id, isCounted } } }, dueAtMs: nowMs };
};

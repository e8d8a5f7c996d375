/** What sending events once more makes of a subscription's state. Pure. */
import type { Cursor } from './batch.ts';
import { freshState, type Replay, type Resume, type SubscriptionState } from './subscription-state.ts';

export const isBefore = (a: Cursor, b: Cursor): boolean =>
  a.segment < b.segment || (a.segment === b.segment && a.index < b.index);

/** Where it stands apart from what is being sent once more. */
export const ownCursor = ({ replay, cursor }: SubscriptionState): Cursor => replay?.resume?.cursor ?? cursor;

/** It begins anew at a place that it has passed: its account does, its chain of batches goes on. What it was sending is left. */
export const setBack = (state: SubscriptionState, to: Cursor, notBefore?: string): SubscriptionState => {
  const { claim: _, replay: __, notBefore: ___, narrowedTo: ____, account = 0, ...rest } = state;
  const { begin, cursor, counts } = freshState(to);
  return { ...rest, begin, cursor, counts, account: account + 1, ...(notBefore !== undefined && { notBefore }) };
};

/**
 * The step that a replay takes before anything else is sent: it begins, once no batch is under way (that batch would otherwise come again
 * under another id), or it ends. `undefined`: none.
 *
 * While it lasts `begin`, `cursor` and `counts` are its own, so that they add up like any other.
 */
export const replayStep = (state: SubscriptionState): SubscriptionState | undefined => {
  const { replay } = state;
  if (!replay) return undefined;
  if (!replay.resume) return state.claim ? undefined : begun(state, replay);
  return isBefore(state.cursor, replay.until) ? undefined : ended(state, replay, replay.resume);
};

const begun = (state: SubscriptionState, replay: Replay): SubscriptionState => {
  const { begin, cursor, counts, notBefore } = state;
  const { notBefore: _, narrowedTo: __, ...rest } = state;
  const fresh = freshState(replay.from);
  return {
    ...rest,
    begin: fresh.begin,
    cursor: fresh.cursor,
    counts: fresh.counts,
    ...(replay.notBefore !== undefined && { notBefore: replay.notBefore }),
    replay: {
      ...replay,
      resume: { begin, cursor, counts, ...(notBefore !== undefined && { notBefore }) },
    },
  };
};

const ended = (state: SubscriptionState, { letter }: Replay, resume: Resume): SubscriptionState => {
  const { replay: _, claim: __, notBefore: ___, narrowedTo: ____, ...rest } = state;
  return { ...rest, ...resume, counts: letter?.isCounted ? withoutLetter(resume.counts, state.counts) : resume.counts };
};

/** A dead letter that was sent again is delivered now, or no longer wanted; one that was refused again stays one. */
const withoutLetter = (
  counts: SubscriptionState['counts'],
  { delivered, deadLetters }: SubscriptionState['counts'],
): SubscriptionState['counts'] => {
  if (deadLetters > 0) return counts;
  return delivered > 0
    ? { ...counts, delivered: counts.delivered + 1, deadLetters: counts.deadLetters - 1 }
    : { ...counts, filtered: counts.filtered + 1, deadLetters: counts.deadLetters - 1 };
};

/** The dead letter that is settled by the step that comes next: it was sent, or is no longer wanted. */
export const settledLetter = ({ replay, cursor, counts }: SubscriptionState): string | undefined =>
  replay?.resume && replay.letter && !isBefore(cursor, replay.until) && counts.deadLetters === 0
    ? replay.letter.id
    : undefined;

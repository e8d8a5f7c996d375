/** How sending events once more changes a subscription's state. Pure. */
import type { Cursor } from './batch.ts';
import { freshState, type Replay, type Resume, type SubscriptionState } from './subscription-state.ts';

export const isBefore = (a: Cursor, b: Cursor): boolean =>
  a.segment < b.segment || (a.segment === b.segment && a.index < b.index);

/** The subscription's own cursor, also while a replay uses `cursor`. */
export const ownCursor = ({ replay, cursor }: SubscriptionState): Cursor => replay?.resume?.cursor ?? cursor;

/**
 * The state set back to a place that the subscription has passed, or set to the oldest one that is kept. Its counts begin anew, its chain of
 * batches goes on, and a claim or replay under way is dropped.
 */
export const setBack = (state: SubscriptionState, to: Cursor, notBefore?: string): SubscriptionState => {
  const { claim: _, replay: __, notBefore: ___, narrowedTo: ____, account = 0, ...rest } = state;
  const { begin, cursor, counts } = freshState(to);
  return { ...rest, begin, cursor, counts, account: account + 1, ...(notBefore !== undefined && { notBefore }) };
};

/**
 * The state after a replay began or ended, if it does so now; `undefined` if not. It begins when no batch is under way, because that batch
 * would otherwise be sent again under another id.
 *
 * During a replay `begin`, `cursor` and `counts` are those of the replay, so that they add up as usual.
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

/**
 * The counts after a dead letter was sent again: it counts as delivered, or as filtered if it is no longer wanted; if it was refused again,
 * it stays a dead letter. If no dead letter is counted, an older version had written this one for an event that was accepted after all.
 */
const withoutLetter = (
  counts: SubscriptionState['counts'],
  { delivered, deadLetters }: SubscriptionState['counts'],
): SubscriptionState['counts'] => {
  if (deadLetters > 0 || counts.deadLetters === 0) return counts;
  return delivered > 0
    ? { ...counts, delivered: counts.delivered + 1, deadLetters: counts.deadLetters - 1 }
    : { ...counts, filtered: counts.filtered + 1, deadLetters: counts.deadLetters - 1 };
};

/** The id of the dead letter that is settled when the replay ends: it was delivered, or is no longer wanted. */
export const settledLetter = ({ replay, cursor, counts }: SubscriptionState): string | undefined =>
  replay?.resume && replay.letter && !isBefore(cursor, replay.until) && counts.deadLetters === 0
    ? replay.letter.id
    : undefined;

/** Finds what is wrong with a subscription's state, and repairs it. Pure, so that every case is a line of a table. */
import type { Cursor } from './batch.ts';
import { isDigestState } from './digest.ts';
import type { SubscriptionHead } from './head.ts';
import { freshState, type Health, type Hold, type Replay, type SubscriptionState } from './subscription-state.ts';

/** The state as it was stored; `undefined` if the value is no state. */
export const readSubscriptionState = (value: unknown): SubscriptionState | undefined => {
  const state = (typeof value === 'object' && value !== null ? value : {}) as Partial<SubscriptionState>;
  const counts = [state.sequence, state.counts?.delivered, state.counts?.filtered, state.counts?.deadLetters];
  const whole =
    [state.begin, state.cursor].every(isCursor) &&
    counts.every(isCount) &&
    typeof state.chain === 'string' &&
    /^[0-9a-f]{64}$/.test(state.chain) &&
    isHealth(state.health) &&
    (state.hold === undefined || isHold(state.hold)) &&
    (state.proven === undefined || typeof state.proven === 'string') &&
    (state.replay === undefined || isReplay(state.replay)) &&
    (state.claim === undefined || (isCursor(state.claim.end) && typeof state.claim.id === 'string')) &&
    (state.digest === undefined || isDigestState(state.digest)) &&
    (state.notBefore === undefined || typeof state.notBefore === 'string');
  return whole ? (state as SubscriptionState) : undefined;
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isCursor = (value: unknown): value is Cursor => {
  const { segment, index } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Cursor>;
  return isCount(index) && isCount(segment) && segment >= 1;
};

const statuses: readonly unknown[] = ['active', 'paused', 'disabled'] satisfies readonly Health['status'][];

const isHealth = (health: Partial<Health> | undefined): boolean =>
  statuses.includes(health?.status) && isCount(health?.failures) && isCount(health?.deadLettersInARow);

/** A stored replay must hold where the subscription goes on afterwards; without that place the state cannot be used. */
const isReplay = (value: unknown): boolean => {
  const { from, until, resume } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Replay>;
  return isCursor(from) && isCursor(until) && (resume === undefined || [resume.begin, resume.cursor].every(isCursor));
};

/** An unreadable hold must not count as absent: the events that it held back would be sent. */
const isHold = (value: unknown): boolean => {
  const hold = (typeof value === 'object' && value !== null ? value : {}) as Partial<Hold>;
  if (!isCount(hold.sinceMs)) return false;
  if (hold.kind === 'pending') return typeof hold.token === 'string' && hold.token.length >= 32;
  return (
    hold.kind === 'paused' && typeof hold.by === 'string' && (hold.forChange === undefined || hold.forChange === true)
  );
};

/** `older`: batches were delivered that the state does not know · `other`: it counts as many batches, but different ones. */
export const againstHead = (
  state: Pick<SubscriptionState, 'sequence' | 'chain'>,
  head: SubscriptionHead,
): 'agrees' | 'older' | 'other' => {
  if (state.sequence < head.sequence) return 'older';
  return state.sequence === head.sequence && state.chain !== head.chain ? 'other' : 'agrees';
};

/** The last segment of which the cursor has passed something; 0: it stands at the beginning. */
export const lastTouched = ({ segment, index }: Cursor): number => (index > 0 ? segment : segment - 1);

export interface Repair {
  readonly state: SubscriptionState;
  /** `signed`: as the head says · `shortened`: set back to the journal's end · `restarted`: from the beginning. */
  readonly became: 'signed' | 'shortened' | 'restarted';
}

/**
 * The state a subscription goes on with so that it misses nothing; `undefined` when the stored one is good. A state that is lost,
 * unreadable, or older than the signed head becomes that of the head, so events delivered since then are repeated; without a head it
 * becomes `restart`. If the cursor stands beyond the end of a journal that was cut, it goes on at that end, where the lost events are
 * journaled anew.
 */
export const repairOf = (of: {
  readonly stored: SubscriptionState | undefined;
  readonly head: SubscriptionHead | undefined;
  /** Segments of the journal. */
  readonly journal: number;
  readonly restart: SubscriptionState;
}): Repair | undefined => {
  const { stored, head, journal, restart } = of;
  const isGood = stored !== undefined && (head === undefined || againstHead(stored, head) === 'agrees');
  const base = isGood ? stored : head ? asSigned(head, stored, restart) : restart;
  if (lastTouched(base.cursor) > journal) return { state: shortened(base, journal), became: 'shortened' };
  if (isGood) return undefined;
  return { state: base, became: head ? 'signed' : 'restarted' };
};

const asSigned = (
  { begin, cursor, sequence, chain, counts }: SubscriptionHead,
  stored: SubscriptionState | undefined,
  restart: SubscriptionState,
): SubscriptionState => {
  const { notBefore, hold } = stored ?? restart;
  const health = { ...restart.health, status: stored?.health.status ?? restart.health.status };
  const kept = { ...(notBefore !== undefined && { notBefore }), ...(hold && { hold }) };
  return { begin, cursor, sequence, chain, counts, health, ...kept };
};

/** The chain of batches goes on. The counts begin anew, because the segments that they were counted over are gone. */
const shortened = ({ claim: _, replay: __, ...state }: SubscriptionState, journal: number): SubscriptionState => {
  const { begin, cursor, counts } = freshState({ segment: journal + 1, index: 0 });
  return { ...state, begin, cursor, counts };
};

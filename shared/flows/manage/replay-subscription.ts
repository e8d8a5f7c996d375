import { BadBody, type BodyMistake } from '../../core/bad-body.ts';
import type { Cursor } from '../../core/batch.ts';
import { existingInstant } from '../../core/existing-instant.ts';
import { isBefore, ownCursor, setBack } from '../../core/replay.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { got } from '../../core/written.ts';
import { stateFrom } from '../deliver/load-state.ts';
import type { Journal } from '../journal/open-journal.ts';
import { type Answer, done, isRefusal, notNow, type Refusal, refused } from './answer.ts';
import type { Caller } from './caller.ts';
import { changeState, type StateChange } from './change-state.ts';
import { type Expecting, findExpected } from './find-expected.ts';
import { headByCheckpoint } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import { type SubscriptionView, viewOf } from './subscription-view.ts';
import { wakeNow } from './wake-now.ts';

export interface ReplayRange {
  /** An instant (ISO 8601, UTC): events dated from then on; or the number of a segment. */
  readonly from: string | number;
  /** Exclusive, of the same kind as `from`; absent: everything from there on, the cursor is set back. With it, it then goes on where it was. */
  readonly to?: string | number;
}

/**
 * Sends events once more, in batches of new ids; what its endpoint has seen already it sees again. Without `to` the cursor is set back; with it
 * the events in between are sent next, late ones among them wherever the journal holds them, and then it goes on where it was.
 * A subscription that waits for what has expired goes on behind it, when the oldest segment that is kept is named.
 * @returns `refused` `not in the journal`: older than what is kept, and what is; `wrong state`: it has not come that far yet; `not now`: a
 *   bounded one is under way
 * @throws BadBody
 */
export const replaySubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  range: ReplayRange,
  { expected }: Expecting = {},
): Promise<Answer<SubscriptionView>> => {
  const found = await findExpected(deps, caller, id, expected);
  if (isRefusal(found)) return found;
  const asked = askedRange(range);
  const known = await headByCheckpoint(deps);
  const head = await deps.journal.head(known);
  const place = await placeOf(deps.journal, head, asked);
  const oldest = await deps.journal.oldest();
  const gone = await expired(deps.journal, place.from, oldest);
  if (gone) return gone;
  const replayed = await changeState(deps, caller, found, {
    action: 'subscription-replayed',
    reason: inWords(asked),
    decide: (state) => replayOf(state, place, { oldest, nowMs: deps.clock.nowMs() }),
  });
  if (isRefusal(replayed)) return replayed;
  await wakeNow(deps, id, 'replayed');
  return done(viewOf(found, replayed, known));
};

type Asked =
  | { readonly by: 'instant'; readonly from: string; readonly to?: string }
  | { readonly by: 'segment'; readonly from: number; readonly to?: number };

/** Where the journal holds what was asked for. */
interface Place {
  readonly from: Cursor;
  readonly notBefore?: string;
  /** Absent: to where it stands, events of `notAfter` or later left out. */
  readonly until?: Cursor;
  readonly notAfter?: string;
  readonly isBounded: boolean;
}

const askedRange = ({ from, to }: ReplayRange): Asked => {
  const mistakes: BodyMistake[] = [];
  const asked = typeof from === 'number' ? segments(from, to, mistakes) : instants(from, to, mistakes);
  const [first, ...others] = mistakes;
  if (first) throw new BadBody([first, ...others]);
  return asked;
};

const instants = (from: string, to: string | number | undefined, mistakes: BodyMistake[]): Asked => {
  const read = (name: string, value: string | number): string => {
    const instant = typeof value === 'string' ? existingInstant(value) : undefined;
    if (instant === undefined)
      mistakes.push({
        path: [name],
        detail: `must be an instant in UTC${name === 'to' ? ', as from is' : ' or the number of a segment'}; got ${got(value)}; write, for example, "2026-03-01T00:00:00Z"`,
      });
    return instant ?? '';
  };
  const begin = read('from', from);
  if (to === undefined) return { by: 'instant', from: begin };
  const end = read('to', to);
  if (begin !== '' && end !== '' && end <= begin) mistakes.push(notLater(to));
  return { by: 'instant', from: begin, to: end };
};

const segments = (from: number, to: string | number | undefined, mistakes: BodyMistake[]): Asked => {
  const check = (name: string, value: string | number): number => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
    mistakes.push({
      path: [name],
      detail: `must be the number of a segment, from 1; got ${got(value)}; write, for example, 1`,
    });
    return 0;
  };
  const begin = check('from', from);
  if (to === undefined) return { by: 'segment', from: begin };
  const end = check('to', to);
  if (begin > 0 && end > 0 && end <= begin) mistakes.push(notLater(to));
  return { by: 'segment', from: begin, to: end };
};

const notLater = (to: string | number): BodyMistake => ({
  path: ['to'],
  detail: `must be later than from; got ${got(to)}; leave it out to go on to the end`,
});

const inWords = ({ by, from, to }: Asked): string =>
  `from ${by} ${from}${to === undefined ? '' : ` to ${to}, exclusive`}`;

const placeOf = async (journal: Journal, head: Parameters<typeof stateFrom>[1], asked: Asked): Promise<Place> => {
  if (asked.by === 'segment') {
    const from = { segment: asked.from, index: 0 };
    return asked.to === undefined
      ? { from, isBounded: false }
      : { from, until: { segment: asked.to, index: 0 }, isBounded: true };
  }
  const { cursor } = await stateFrom(journal, head, asked.from);
  const place = { from: cursor, notBefore: asked.from };
  return asked.to === undefined ? { ...place, isBounded: false } : { ...place, notAfter: asked.to, isBounded: true };
};

const expired = async (journal: Journal, { segment }: Cursor, oldest: number): Promise<Refusal | undefined> => {
  if (segment >= oldest) return undefined;
  const manifest = await journal.manifest(oldest);
  const since = manifest ? `, journaled at ${manifest.committedAt}` : '';
  return refused(
    'not in the journal',
    `The journal keeps events from segment ${oldest} on${since}; what is older has expired. Ask from there, or have an operator run: npx sluice backfill`,
  );
};

const replayOf = (
  state: SubscriptionState,
  place: Place,
  { oldest, nowMs }: { readonly oldest: number; readonly nowMs: number },
): StateChange | Refusal => {
  const own = ownCursor(state);
  // What it waits for has expired (`fellBehind`): it goes on with the oldest segment that is kept, and leaves out nothing that is there.
  if (own.segment < oldest && place.from.segment === oldest && !place.isBounded)
    return { state: setBack(state, place.from, place.notBefore), dueAtMs: nowMs };
  if (!isBefore(place.from, own))
    return refused(
      'wrong state',
      `It has not come that far: it stands at segment ${own.segment}, and what was asked for begins at segment ${place.from.segment}. It will be delivered without a replay.`,
    );
  // Up to where it stands and on: the same as setting it back.
  const reaches = place.isBounded && place.until !== undefined && !isBefore(place.until, own);
  if (!place.isBounded || reaches) return { state: setBack(state, place.from, place.notBefore), dueAtMs: nowMs };
  if (state.replay)
    return notNow('A replay, or a dead letter that is sent again, is under way. Ask again when it is over.', 60_000);
  const { from, until = own, notBefore, notAfter } = place;
  return {
    state: {
      ...state,
      replay: {
        from,
        until,
        ...(notBefore !== undefined && { notBefore }),
        ...(notAfter !== undefined && { notAfter }),
      },
    },
    dueAtMs: nowMs,
  };
};

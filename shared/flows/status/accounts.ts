/** Sums over the manifests of a journal, fed one manifest after the other, in order. */
import type { Cursor } from '../../core/batch.ts';
import { unattributed } from '../../core/event.ts';
import type { Manifest } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { blocksOf } from '../deliver/gather-batch.ts';

/** What was journaled for one subscription, and what it did with it: two counts that share nothing but the journal. */
export interface Account {
  readonly subscription: Subscription;
  readonly state: SubscriptionState;
  readonly add: (manifest: Manifest) => void;
  /** Events from where it began to its cursor. */
  readonly journaled: () => number;
  /** Events from its cursor on; `since`: when the oldest of them was journaled, ISO 8601. */
  readonly waiting: () => { readonly count: number; readonly since: string | undefined };
}

export const accountOf = (subscription: Subscription, state: SubscriptionState): Account => {
  const { begin, cursor } = state;
  let journaled = 0;
  let waiting = 0;
  let since: string | undefined;
  return {
    subscription,
    state,
    add: (manifest) => {
      if (manifest.seq < Math.min(begin.segment, cursor.segment)) return;
      const count = blocksOf(manifest, subscription.tenant).reduce((sum, block) => sum + block.count, 0);
      const passed = before(cursor, manifest.seq, count);
      journaled += passed - before(begin, manifest.seq, count);
      waiting += count - passed;
      if (count > passed) since ??= manifest.committedAt;
    },
    journaled: () => journaled,
    waiting: () => ({ count: waiting, since }),
  };
};

/** How many of a segment's events lie before a cursor. */
const before = ({ segment, index }: Cursor, seq: number, count: number): number =>
  seq < segment ? count : seq > segment ? 0 : Math.min(index, count);

/** Whether everything that was journaled for it was delivered, filtered out or buried, and nothing else was. */
export const isBalanced = ({ state, journaled }: Account): boolean => {
  const { delivered, filtered, deadLetters } = state.counts;
  return delivered + filtered + deadLetters === journaled();
};

export interface SourceTotals {
  /** Events journaled, each once. */
  readonly events: number;
  /** Of them: of no known tenant, those that were attributed later left out. */
  readonly unattributed: number;
  /** Of them: attributed later. */
  readonly reattributed: number;
}

export const sourceTotals = (): { readonly add: (manifest: Manifest) => void; readonly sums: () => SourceTotals } => {
  let events = 0;
  let unnamed = 0;
  let reattributed = 0;
  return {
    add: ({ kind, count, tenants }) => {
      if (kind === 'reattributed') reattributed += count;
      else events += count;
      unnamed += tenants[unattributed]?.count ?? 0;
    },
    sums: () => ({ events, unattributed: unnamed - reattributed, reattributed }),
  };
};

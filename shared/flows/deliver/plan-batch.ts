import type { Batch, Cursor } from '../../core/batch.ts';
import type { Subscription } from '../../core/subscription.ts';
import { batchId, type Claim, type SubscriptionState } from '../../core/subscription-state.ts';
import type { Destination } from '../../ports/destination.ts';
import type { Journal } from '../journal/open-journal.ts';
import { claimMs } from './delivery-run.ts';
import { type Gathered, gatherBatch } from './gather-batch.ts';
import { firstTimeOf, liesOutside, viewOf } from './wants.ts';

interface Deps {
  readonly journal: Journal;
  readonly destination: Pick<Destination, 'limits'>;
}

/** What an envelope may add to its events. */
const envelopeBytes = 1024;

/** The claimed batch again, as long as nothing that decides its content has changed; otherwise a new one from the cursor on. */
export const planBatch = async (
  deps: Deps,
  subscription: Subscription,
  state: SubscriptionState,
): Promise<Gathered> => {
  const { cursor, claim } = state;
  if (claim) {
    const again = await gatherFrom(deps, subscription, state, cursor, claim.end);
    if (claim.id === idOf(subscription, state, again)) return again;
  }
  return gatherFrom(deps, subscription, state, cursor);
};

export const gatherFrom = (
  { journal, destination }: Deps,
  subscription: Subscription,
  { notBefore, narrowedTo, replay }: SubscriptionState,
  from: Cursor,
  end?: Cursor,
): Promise<Gathered> => {
  const { batch, tenant } = subscription;
  const span = { notBefore, notAfter: replay?.resume && replay.notAfter };
  return gatherBatch(journal, from, {
    tenant,
    view: viewOf(subscription, span),
    maxEvents: Math.min(batch.maxEvents, destination.limits.maxEvents, narrowedTo ?? Number.POSITIVE_INFINITY),
    maxBytes: Math.min(batch.maxBytes, destination.limits.maxBytes) - envelopeBytes,
    ...(end && { end }),
    ...(replay?.resume && { until: replay.until, skips: (segment) => liesOutside(segment, span) }),
  });
};

/** The id of the batch that follows `state`. */
export const idOf = (
  subscription: Subscription,
  state: SubscriptionState,
  { end, record }: Pick<Gathered, 'end' | 'record'>,
): string =>
  batchId({
    subscription,
    sequence: state.sequence + 1,
    previous: state.chain,
    from: state.cursor,
    end,
    record,
    ...(state.notBefore !== undefined && { notBefore: state.notBefore }),
    ...(state.replay?.resume && state.replay.notAfter !== undefined && { notAfter: state.replay.notAfter }),
  });

export const batchOf = (
  subscription: Subscription,
  state: SubscriptionState,
  claim: Claim,
  gathered: Gathered,
): Batch => ({
  id: claim.id,
  subscription: subscription.id,
  tenant: subscription.tenant,
  sequence: state.sequence + 1,
  previous: state.chain,
  lines: gathered.lines,
  committedAt: gathered.newestCommittedAt ?? '',
  ...firstTimeOf(gathered.lines),
});

/** The right to send what was gathered, from `nowMs` on. */
export const claimOn = (
  subscription: Subscription,
  state: SubscriptionState,
  gathered: Gathered,
  nowMs: number,
): Claim => ({
  id: idOf(subscription, state, gathered),
  end: gathered.end,
  until: nowMs + claimMs,
});

/** Whether a batch need not wait for more events. */
export const isRipe = (subscription: Subscription, gathered: Gathered, nowMs: number): boolean =>
  gathered.extent === 'full' || ripeAtMs(subscription, gathered) <= nowMs;

/** When an incomplete batch may go although more might join it, epoch ms. */
export const ripeAtMs = ({ batch }: Subscription, { oldestCommittedAt }: Gathered): number =>
  oldestCommittedAt === undefined ? 0 : Date.parse(oldestCommittedAt) + batch.maxDelaySeconds * 1000;

import { messageOf, OperatorMustFix } from '../../core/errors.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import type { Journal } from '../journal/open-journal.ts';

/**
 * Why a subscription cannot be delivered to, when that is because the journal's retention has overtaken its cursor: which events are out of
 * its reach, and the two ways on. Any other error comes back as it is. Nothing is ever skipped by itself: that would hide a loss.
 */
export const fellBehind = async (
  journal: Journal,
  id: string,
  { cursor }: Pick<SubscriptionState, 'cursor'>,
  error: unknown,
): Promise<unknown> => {
  if (!(error instanceof OperatorMustFix)) return error;
  const oldest = await journal.oldest();
  const [first, last] = await Promise.all([journal.manifest(cursor.segment), journal.manifest(oldest - 1)]);
  if (oldest <= cursor.segment || !first || !last) return error;
  const from = first.minTime ?? first.committedAt;
  const to = last.maxTimeSoFar ?? last.committedAt;
  return new OperatorMustFix(
    `Subscription "${id}" has come to segment ${cursor.segment}, but ${journal.description} holds events from segment ${oldest} on: those between, of about ${from} to ${to}, have expired before they were delivered. Nothing was skipped, and nothing goes on by itself. Restore those objects from a backup or from the bucket's versions; or take these events from the source (npx sluice query --from ${from} --to ${to}), and go on behind them with: npx sluice subscriptions replay ${id} --from ${oldest}. (${messageOf(error)})`,
    { cause: error },
  );
};

import type { Attempt } from '../../core/attempt.ts';
import { attemptsOf } from '../deliver/log-attempt.ts';
import { type Answer, done, notFound } from './answer.ts';
import type { Caller } from './caller.ts';
import { type FindDeps, findSubscription } from './find-subscription.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';

/** The newest first; kept for 30 days. */
export const listAttempts = async (
  deps: FindDeps,
  caller: Caller,
  id: string,
  { after, limit }: PageOptions,
): Promise<Answer<Page<Attempt>>> => {
  if (!(await findSubscription(deps, caller, id))) return notFound;
  const page = await attemptsOf(deps.records, id, { limit: limit + 1, ...(after !== undefined && { after }) });
  const items = page.slice(0, limit);
  const last = items.at(-1);
  return done(page.length > limit && last ? { items, next: last.id } : { items });
};

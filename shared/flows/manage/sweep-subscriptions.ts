import { RetryLater } from '../../core/errors.ts';
import type { ManageDeps } from './manage-deps.ts';

/** Removes what is left of subscriptions that were deleted, or whose creation crashed; hourly. @returns how many were finished */
export const sweepSubscriptions = async (_deps: Pick<ManageDeps, 'records' | 'clock'>): Promise<number> => {
  throw new RetryLater('Not built yet.');
};

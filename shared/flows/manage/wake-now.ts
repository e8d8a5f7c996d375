import { messageOf, SluiceError } from '../../core/errors.ts';
import type { ManageDeps } from './manage-deps.ts';

/**
 * Somebody looks at the subscription now. The change is made already: a queue that does not answer delays it until the due index, or the next
 * look at everybody, finds it.
 */
export const wakeNow = async (
  { queue, clock, telemetry }: Pick<ManageDeps, 'queue' | 'clock' | 'telemetry'>,
  id: string,
  reason: string,
): Promise<void> => {
  try {
    await queue.wake(id, `${reason}/${clock.nowMs()}`);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    telemetry.notice('warn', `Subscription "${id}" was not woken, which costs it time: ${messageOf(error)}`, {
      subscription: id,
    });
  }
};

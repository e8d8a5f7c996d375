import { messageOf, SluiceError } from '../../shared/core/errors.ts';
import { signHeadWhenDue } from '../../shared/flows/sign-head.ts';
import type { Sluice } from '../compose.ts';

/** One listing of the journal's store. */
const lookEveryMs = 5 * 60_000;

/** Signs a head once an hour when something has changed, until `asked` aborts. What stands in its way is said at every look. */
export const signHeads = async (
  sluice: Pick<Sluice, 'clock' | 'journal' | 'journalStore' | 'records' | 'secrets' | 'roster' | 'telemetry'>,
  asked: AbortSignal,
): Promise<void> => {
  while (!asked.aborted) {
    await sluice.clock.sleep(lookEveryMs, asked);
    if (asked.aborted) return;
    try {
      await signHeadWhenDue(sluice);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      const level = error.actor === 'next-run' ? 'warn' : 'error';
      sluice.telemetry.notice(level, `No head was signed: ${messageOf(error)}`, { source: sluice.journal.source });
    }
  }
};

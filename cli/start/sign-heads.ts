import { messageOf, SluiceError } from '../../shared/core/errors.ts';
import { signHeadWhenDue } from '../../shared/flows/sign-head.ts';
import type { Sluice } from '../compose.ts';

/** How often to check whether a head is due; each check lists the journal's store once. */
const lookEveryMs = 5 * 60_000;

/** Signs a head once an hour when something has changed, until `asked` aborts. An error is reported at every check. */
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

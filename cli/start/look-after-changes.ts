import { messageOf, SluiceError } from '../../shared/core/errors.ts';
import type { AuditDeps } from '../../shared/flows/manage/audit-journal.ts';
import { lookAfterChanges as lookAfter } from '../../shared/flows/manage/look-after-changes.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';

const lookEveryMs = 3_600_000;

/** Finishes changes that a dead process left half done: at once, then hourly, until `asked` aborts. */
export const lookAfterChanges = async (
  deps: AuditDeps & { readonly secrets: Secrets },
  asked: AbortSignal,
): Promise<void> => {
  while (!asked.aborted) {
    try {
      await lookAfter(deps);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      const level = error.actor === 'next-run' ? 'warn' : 'error';
      deps.telemetry.notice(level, `What calls left half done was not finished: ${messageOf(error)}`);
    }
    await deps.clock.sleep(lookEveryMs, asked);
  }
};

import { checkpointPartition, isWithoutEnd } from '../../core/checkpoint.ts';
import { msOf } from '../../core/instant.ts';
import { lasting } from '../../core/lasting.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StateDiagnosis } from '../../ports/diagnosis.ts';
import type { Journal } from '../journal/open-journal.ts';
import { loadCheckpoint } from '../pull/load-checkpoint.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { count } from './words.ts';

/** A pull that is due every minute and did not end for this long is not just slow. */
const quietMs = 15 * 60_000;

/** How far pull has come: the checkpoint is there, is read, is not ahead of time, and belongs to the journal. */
export const checkpointCheck = (deps: {
  readonly state: StateDiagnosis;
  readonly journal: Journal;
  readonly clock: Clock;
}): Check => ({
  name: 'checkpoint',
  run: async () => {
    const { state, journal, clock } = deps;
    const isThere = (await state.look()).kind === 'there';
    const stored = isThere ? await state.records.get(checkpointPartition, journal.source) : undefined;
    if (!stored) return [await judgeMissing(journal, state.description)];
    // As every pull does before it begins; it writes only when there is none.
    const { checkpoint, head } = await loadCheckpoint(
      { journal, records: state.records, clock },
      { kind: 'beginning' },
    );
    if (isWithoutEnd(checkpoint))
      return [
        warning(
          'checkpoint',
          `No pull of source "${journal.source}" has reached its end yet.`,
          'Run again, and read what it says: npx sluice pull',
        ),
      ];
    const nowMs = clock.nowMs();
    const segments = count(head?.seq ?? 0, 'segment');
    const at = `complete up to ${checkpoint.watermark.slice(0, 19)}Z (${lasting(nowMs - msOf(checkpoint.watermark))} ago), ${segments}`;
    const quiet = nowMs - Date.parse(checkpoint.scannedAt);
    return [
      quiet > quietMs
        ? warning(
            'checkpoint',
            `Source "${journal.source}" is ${at}; no pull has reached its end for ${lasting(quiet)}.`,
            'Run `npx sluice start` (or look at the log of the pull function): nothing is lost, it goes on from there.',
          )
        : ok('checkpoint', `Source "${journal.source}" is ${at}.`),
    ];
  },
});

const judgeMissing = async (journal: Journal, state: string): Promise<Finding> =>
  (await journal.isEmpty())
    ? ok('checkpoint', `Source "${journal.source}" was never pulled. Begin with: npx sluice pull`)
    : problem(
        'checkpoint',
        `${state} holds no checkpoint of source "${journal.source}", but ${journal.description} holds its journal.`,
        'Restore the state from a backup, or run: npx sluice rebuild-checkpoint',
      );

import { noHash, sha256Hex } from '../../core/segment.ts';
import type { JournalDiagnosis, StateDiagnosis } from '../../ports/diagnosis.ts';
import type { Journal } from '../journal/open-journal.ts';
import { remedyFor } from '../journal/read-manifests.ts';
import { judgeFolder } from './check-folder.ts';
import { type Finding, ok, problem } from './finding.ts';
import { newestSegment } from './newest-segment.ts';
import type { Check } from './run-checks.ts';
import { count } from './words.ts';

/** The newest ones: `verify` reads the whole chain. */
const linksChecked = 10;

/** The journal can be reached, and its newest links hold; of the newest segment every byte. */
export const journalCheck = (deps: {
  readonly place: JournalDiagnosis;
  readonly journal: Journal;
  readonly state: StateDiagnosis;
}): Check => ({
  name: 'journal',
  run: async () => {
    const { place, journal } = deps;
    const folder = place.folder && judgeFolder('journal', await place.folder());
    if (folder?.verdict === 'problem') return [folder];
    const head = await newestSegment(deps.state, journal);
    if (!head) return [folder ?? ok('journal', `${journal.description} can be reached; nothing is journaled yet.`)];
    return [await judgeChain(deps, head.seq)];
  },
});

const judgeChain = async (
  { place, journal }: { readonly place: JournalDiagnosis; readonly journal: Journal },
  head: number,
): Promise<Finding> => {
  const first = Math.max(1, head - linksChecked + 1);
  let previous = first === 1 ? noHash : (await journal.manifest(first - 1))?.hash;
  for (let seq = first; seq <= head; seq += 1) {
    const manifest = await journal.manifest(seq);
    if (manifest?.previous !== previous)
      return problem(
        'journal',
        `Segment ${seq} of ${journal.description} does not follow segment ${seq - 1}: the chain is broken.`,
        'Restore the journal from a backup; `npx sluice verify` names the first break.',
      );
    previous = manifest?.hash;
  }
  const newest = await journal.manifest(head);
  const bytes = newest && (await place.store.get(newest.object));
  if (newest && (!bytes || sha256Hex(bytes) !== newest.sha256))
    return problem(
      'journal',
      `${journal.description}/${newest.object}, the newest segment, is ${bytes ? 'not what was appended' : 'missing'}.`,
      remedyFor(head),
    );
  return ok(
    'journal',
    `${journal.description} holds ${count(head, 'segment')}; the last ${count(head - first + 1, 'link')} of the chain ${head === first ? 'holds' : 'hold'}.`,
  );
};

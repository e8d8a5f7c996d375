import { checkpointPartition } from '../../core/checkpoint.ts';
import type { Manifest } from '../../core/segment.ts';
import type { StateDiagnosis } from '../../ports/diagnosis.ts';
import type { Journal } from '../journal/open-journal.ts';
import { settled } from '../settled.ts';

/** The newest manifest, looked for from where the checkpoint stands: from the first segment on when the state does not say. */
export const newestSegment = async (state: StateDiagnosis, journal: Journal): Promise<Manifest | undefined> =>
  journal.provenHead(await knownHead(state, journal.source));

/** A state that cannot be read is named by its own check; the journal is looked at all the same. */
const knownHead = async ({ look, records }: StateDiagnosis, source: string): Promise<number> => {
  const facts = await settled(look());
  if (!facts.ok || facts.value.kind === 'absent') return 0;
  const record = await settled(records.get(checkpointPartition, source));
  const value = record.ok ? record.value?.value : undefined;
  const head = typeof value === 'object' && value !== null && 'head' in value ? value.head : 0;
  return Number.isSafeInteger(head) ? Math.max(0, Number(head)) : 0;
};

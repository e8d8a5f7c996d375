import { checkpointPartition } from '../../core/checkpoint.ts';
import type { StateDiagnosis, StateFacts } from '../../ports/diagnosis.ts';
import { settled } from '../settled.ts';
import { judgeFolder } from './check-folder.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { bytes } from './words.ts';

/** The state as a store: there, whole, and with the right to write. What its records say is looked at by other checks. */
export const stateCheck = (state: StateDiagnosis, source: string): Check => ({
  name: 'state',
  run: async () => {
    const facts = await state.look();
    const found = judgeState(facts, state.description);
    if (found.verdict === 'problem' || facts.kind === 'absent') return [found];
    // A read that the running commands do as well: it shows that the credentials allow it.
    await state.records.get(checkpointPartition, source);
    return [found];
  },
});

const judgeState = (facts: StateFacts, description: string): Finding => {
  const check = 'state';
  if (facts.kind === 'absent') {
    const folder = judgeFolder(check, facts.folder);
    return folder.verdict === 'problem'
      ? folder
      : ok(check, `${description} is not there yet; the first pull makes it.`);
  }
  if (facts.folder && !facts.folder.writable) return judgeFolder(check, facts.folder);
  if (facts.writable === false)
    return problem(
      check,
      `${description} is read-only for this user.`,
      'Give the user that runs Sluice the right to write it and its folder.',
    );
  const size = facts.bytes === undefined ? 'is there and may be read' : `is whole (${bytes(facts.bytes)})`;
  return ok(check, `${description} ${size}.`);
};

/** Checks of what the state holds: a state that cannot be used at all is one problem, said once. */
export const onUsableState = (state: StateDiagnosis, checks: readonly Check[]): readonly Check[] =>
  checks.map((check) => ({
    ...check,
    run: async (signal) =>
      (await settled(state.look())).ok
        ? check.run(signal)
        : [
            warning(
              check.name,
              'Not checked: the state cannot be used.',
              'Do what `state` says, then run doctor again.',
            ),
          ],
  }));

import type { StateDiagnosis } from '../../ports/diagnosis.ts';
import { readStored } from '../roster/stored.ts';
import { keptSentence, keptStates } from '../status/kept-states.ts';
import { type Finding, ok } from './finding.ts';
import type { Check } from './run-checks.ts';

/** Names the states of subscriptions that are in no file any more and were not made by the API. Whoever removed one meant to: no warning. */
export const keptCheck = (deps: {
  readonly state: StateDiagnosis;
  readonly inFile: readonly { readonly id: string }[];
  readonly head: () => Promise<number>;
}): Check => ({
  name: 'subscriptions/kept',
  run: async () => {
    const { state, inFile, head } = deps;
    if ((await state.look()).kind !== 'there') return [];
    const findings: Finding[] = [];
    for (const kept of await keptStates(state.records, new Set(inFile.map(({ id }) => id)), await head()))
      if (!(await readStored(state.records, kept.id))) findings.push(ok('subscriptions/kept', keptSentence(kept)));
    return findings;
  },
});

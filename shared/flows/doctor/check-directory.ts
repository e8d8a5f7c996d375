import { contestedValues } from '../../core/contested-values.ts';
import type { Tenant } from '../../core/tenants.ts';
import type { StateDiagnosis } from '../../ports/diagnosis.ts';
import { readableTenant, tenantRecords } from '../tenants-directory.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { count, some } from './words.ts';

interface Deps {
  readonly state: StateDiagnosis;
  /** Of the settings' file. */
  readonly inFile: readonly Tenant[];
}

const check = 'tenants/api';

/** The tenants written through the API: whether they can be read, and whether they and the file claim the same. Silent while there are none. */
export const directoryCheck = ({ state, inFile }: Deps): Check => ({
  name: check,
  run: async (): Promise<readonly Finding[]> => {
    const records = (await state.look()).kind === 'there' ? await tenantRecords(state.records) : [];
    if (records.length === 0) return [];
    const damaged = records.filter((record) => !readableTenant(record)).map(({ id }) => id);
    if (damaged.length > 0)
      return [
        problem(
          check,
          `The record of ${some(damaged)} cannot be read: nothing is pulled, since events would be attributed wrongly.`,
          `Write it again: npx sluice tenants put ${damaged[0]}`,
        ),
      ];
    const stored = records.flatMap((record) => readableTenant(record)?.tenant ?? []);
    const summary = `${count(stored.length, 'tenant')} written through the API.`;
    const contested = contestedValues({ tenants: [...inFile, ...stored] });
    if (contested.length === 0) return [ok(check, summary)];
    const places = contested.map(({ list, tenants }) => `${list} of ${tenants.join(' and ')}`);
    return [
      warning(
        check,
        `${summary} ${count(contested.length, 'value')} claimed by two tenants and so by none: ${some(places)}.`,
        'Remove it from one of them, in the file or with: npx sluice tenants put',
      ),
    ];
  },
});

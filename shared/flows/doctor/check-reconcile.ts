import { checkpointPartition } from '../../core/checkpoint.ts';
import { lasting } from '../../core/lasting.ts';
import { type Reconciliation, readReconciliation, reconcilePartition } from '../../core/reconcile.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StateDiagnosis } from '../../ports/diagnosis.ts';
import { type Finding, ok, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { count } from './words.ts';

/** Every hour a day is compared: twice that without any comparison is more than a late start. */
const longAgoMs = 2 * 60 * 60_000;

/** When the journal was last compared with the source, and whether anything came too late to be delivered. */
export const reconcileCheck = (deps: {
  readonly state: StateDiagnosis;
  readonly source: string;
  readonly clock: Clock;
}): Check => ({
  name: 'reconcile',
  run: async () => {
    const { state, source, clock } = deps;
    if ((await state.look()).kind === 'absent') return [];
    if (!(await state.records.get(checkpointPartition, source))) return [];
    const record = await state.records.get(reconcilePartition, source);
    const last = readReconciliation(record?.value);
    return [
      last ? judge(last, clock.nowMs()) : never(record === undefined ? 'was never' : 'cannot be told to have been'),
    ];
  },
});

const never = (how: string): Finding =>
  warning(
    'reconcile',
    `The journal ${how} compared with the source: what became visible later than the overlap is not found.`,
    'Run: npx sluice reconcile (`npx sluice start` and the deployed functions do it by themselves)',
  );

const judge = (last: Reconciliation, nowMs: number): Finding => {
  const check = 'reconcile';
  const ago = nowMs - Date.parse(last.checkedAt);
  const found = `Complete up to ${short(last.completeThrough)}, compared ${lasting(ago)} ago: ${last.lateRecovered} found late, ${last.lateMissed} missed, ${last.removedAtSource} removed at the source`;
  if (last.lateMissed > 0)
    return warning(
      check,
      `${count(last.lateMissed, 'event')} became visible later than the horizon and ${last.lateMissed === 1 ? 'is' : 'are'} not delivered. ${found}.`,
      'Bring them into the journal: npx sluice backfill --from … --to … with the days in question, then npx sluice reconcile counts again; a longer SLUICE_HORIZON_HOURS finds them by itself.',
    );
  if (last.unmended !== undefined)
    return warning(
      check,
      `From ${short(last.unmended)} on the counts differ and could not be mended. ${found}.`,
      'Run: npx sluice reconcile; it says what it cannot read.',
    );
  return ago > longAgoMs
    ? warning(check, `${found}. That is long ago.`, 'Run: npx sluice reconcile, or look why `start` does not.')
    : ok(check, `${found}.`);
};

const short = (instant: string): string => `${instant.slice(0, 19)}Z`;

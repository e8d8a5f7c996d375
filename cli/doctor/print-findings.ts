import { styleText } from 'node:util';
import type { Finding, Verdict } from '../../shared/flows/doctor/finding.ts';

const colours = { ok: 'green', warning: 'yellow', problem: 'red' } as const satisfies Record<Verdict, string>;

const verdictWidth = 'problem'.length + 2;
const gap = '  ';
/** Wide enough for the longest check name of ours; names with a subscription's id may be longer. */
const checkWidth = 'elasticsearch/filter-fields'.length + gap.length;

/** A finding as people read it: verdict, check, message; below it what to do. */
export const findingLines = (
  { check, verdict, message, remedy }: Finding,
  { coloured }: { readonly coloured: boolean },
): readonly string[] => {
  const word = verdict.padEnd(verdictWidth);
  const shown = coloured ? styleText(colours[verdict], word, { validateStream: false }) : word;
  const line = `${shown}${check.padEnd(checkWidth - gap.length)}${gap}${message}`;
  return remedy === null ? [line] : [line, `${' '.repeat(verdictWidth + checkWidth)}→ ${remedy}`];
};

/** How many of each, worst first: `1 problem, 2 warnings, 14 ok.` */
export const summary = (findings: readonly Finding[]): string => {
  const many = (verdict: Verdict): number => findings.filter((finding) => finding.verdict === verdict).length;
  const [problems, warnings] = [many('problem'), many('warning')];
  return [
    ...(problems > 0 ? [`${problems} ${problems === 1 ? 'problem' : 'problems'}`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
    `${many('ok')} ok.`,
  ].join(', ');
};

import { expect, it } from 'vitest';
import { findingLines, summary } from '../../../cli/doctor/print-findings.ts';
import { ok, problem, warning } from '../../../shared/flows/doctor/finding.ts';

it('colours the verdict alone, and only where that shows', () => {
  const finding = problem('state', 'It is empty.', 'Restore it.');
  expect(findingLines(finding, { coloured: false })).toEqual([
    'problem  state                        It is empty.',
    '                                      → Restore it.',
  ]);
  expect(findingLines(finding, { coloured: true })[0]).toBe(
    '\u001b[31mproblem  \u001b[39mstate                        It is empty.',
  );
});

it('keeps a name that is wider than its column apart from the message', () => {
  const check = 'subscription/a-name-of-many-letters';
  expect(findingLines(ok(check, 'It is caught up.'), { coloured: false })).toEqual([
    `ok       ${check}  It is caught up.`,
  ]);
});

it('counts the worst first', () => {
  expect(summary([ok('a', 'a')])).toBe('1 ok.');
  expect(summary([ok('a', 'a'), warning('b', 'b', 'b'), problem('c', 'c', 'c'), problem('d', 'd', 'd')])).toBe(
    '2 problems, 1 warning, 1 ok.',
  );
});

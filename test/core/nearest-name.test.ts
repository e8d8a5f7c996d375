import { expect, it } from 'vitest';
import { nearestName } from '../../shared/core/nearest-name.ts';

const known = ['maxEvents', 'maxBytes', 'maxDelaySeconds'];

it.each([
  ['maxEvent', 'maxEvents'],
  ['MAXBYTES', 'maxBytes'],
  ['mxaBytes', 'maxBytes'],
  ['maxDelay', 'maxDelaySeconds'],
])('finds the name meant by %s', (wrong, meant) => {
  expect(nearestName(wrong, known)).toBe(meant);
});

it('suggests nothing that is far away', () => {
  expect(nearestName('destination', known)).toBeUndefined();
  expect(nearestName('max', known)).toBeUndefined();
  expect(nearestName('x', [])).toBeUndefined();
});

import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { targetRules } from '../../shared/adapters/target-rules.ts';
import { checkTarget } from '../../shared/core/address/target.ts';

it('counts the host of the API and every address of this machine as Sluice itself', () => {
  const rules = targetRules({ allowPrivateTargets: [], publicUrl: 'https://sluice.example.com:8443' });
  const addresses = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  expect(addresses).not.toEqual([]);
  expect(rules).toEqual({ allow: [], own: expect.arrayContaining(['sluice.example.com', ...addresses]) });
  expect(checkTarget('https://sluice.example.com/v1/subscriptions', rules).kind).toBe('refused');
});

it('reads the host of an API that is reached by its address', () => {
  const rules = targetRules({ allowPrivateTargets: [], publicUrl: 'https://[2600:1901::7]' });
  expect(checkTarget('https://[2600:1901::7]/', rules).kind).toBe('refused');
});

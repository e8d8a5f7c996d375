import { expect, it } from 'vitest';
import { parseSubscription } from '../../../shared/core/subscription-parse.ts';

it('a subscription that points to Sluice itself is a mistake with its place', () => {
  const written = { destination: { type: 'webhook', url: 'https://sluice.acme.example/v1/subscriptions' } };
  const rules = { from: 'api', id: 'acme-1', tenant: 'acme', externalId: 'sluice-1', allowPrivateTargets: [] } as const;
  expect(parseSubscription(written, rules).mistakes).toBeUndefined();
  expect(parseSubscription(written, { ...rules, own: ['sluice.acme.example'] }).mistakes).toEqual([
    { path: ['destination', 'url'], detail: expect.stringContaining('is Sluice itself') },
  ]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tenantIdShape } from '../../shared/core/event.ts';
import { storedId, tenantOfId, withCredentials, withSealedParts } from '../../shared/core/stored-subscription.ts';
import { aSubscription } from '../support/world.ts';

const random = 'abcdefghijkl';
const headers = { Authorization: 'Bearer canary', 'X-Team': 'canary' };
const webhook = { type: 'webhook', url: 'https://hooks.acme.example:8443/in/canary?canary', headers } as const;

describe('an id', () => {
  it('tells its tenant, whatever the tenant is called', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant('*'), fc.stringMatching(tenantIdShape)), (tenant) => {
        expect(tenantOfId(storedId(tenant, random))).toBe(tenant);
      }),
    );
    for (const tenant of ['all', `all.${random}`, `acme-${random}`, 'a-b.c_d'])
      expect(tenantOfId(storedId(tenant, random))).toBe(tenant);
  });

  it.each([
    'acme-soc',
    'acme',
    'all.x',
    `all-${random}x`,
    `acme-${random.toUpperCase()}`,
    `-${random}`,
    `acme.${random}`,
  ])('%s was made by somebody else and tells none', (id) => expect(tenantOfId(id)).toBeUndefined());
});

describe('the parts of a subscription', () => {
  it('show scheme, host and port and the names of headers, and no more of a webhook', () => {
    const { shown } = withSealedParts(aSubscription({ destination: webhook }));
    expect(shown.destination).toEqual({
      type: 'webhook',
      url: 'https://hooks.acme.example:8443',
      headers: { Authorization: '', 'X-Team': '' },
    });
    expect(JSON.stringify(shown)).not.toContain('canary');
  });

  it.each([
    [webhook],
    [{ type: 'webhook', url: 'https://hooks.acme.example/', compression: 'gzip', signatures: ['v1', 'v1a'] }],
    [{ type: 's3', bucket: 'acme-events', prefix: '', region: 'eu-central-1', externalId: 'sluice-1' }],
    [{ type: 'poll' }],
  ] as const)('make the same one again: %j', (destination) => {
    const whole = aSubscription({ destination });
    expect(withCredentials(withSealedParts(whole))).toEqual(whole);
  });
});

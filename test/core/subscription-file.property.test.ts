import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { parseSubscriptions } from '../../shared/core/subscription-file.ts';

const rules = { tenants: ['acme'], allowPrivateTargets: ['127.0.0.0/8'], cwd: '/srv' };

/** Right values, wrong values and nonsense under the names that are read. */
const anyOf = (...right: readonly unknown[]) => fc.oneof(fc.constantFrom(...right), fc.jsonValue());
const written = fc.record(
  {
    id: anyOf('a', 'b', '', '__proto__'),
    tenant: anyOf('acme', '*', 'other'),
    filter: anyOf({ outcome: 'failure' }, { ip: '10.0.0.0/8', nope: 1 }),
    format: anyOf('ecs', 'ecs-flat'),
    description: anyOf('SOC', 'a\u202eb', 'x'.repeat(201)),
    fields: anyOf(['user', 'source.ip'], ['usr'], []),
    personalData: anyOf('hide', 'show'),
    start: anyOf('now', '2026-01-31', '2026-02-30'),
    batch: anyOf({ maxEvents: 5 }, { maxEvents: 1e9, maxBytes: -1 }),
    destination: fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          type: anyOf('webhook', 'folder', 's3', 'poll'),
          url: anyOf('https://hooks.acme.example/in', 'http://127.0.0.1:8080', 'http://[::1', 'https://10.0.0.1'),
          signatures: anyOf(['v1'], ['v1', 'v1a'], ['v1a']),
          compression: anyOf('gzip', 'br'),
          headers: anyOf({ 'X-Team': 'soc' }, { Host: 'x' }, { a: '\n' }),
          path: anyOf('out', ''),
          bucket: anyOf('acme-events', '..'),
          prefix: anyOf('a/b', '../a', '/'),
          region: anyOf('eu-central-1'),
          roleArn: anyOf('arn:aws:iam::123456789012:role/sluice'),
        },
        { requiredKeys: ['type'] },
      ),
    ),
  },
  { requiredKeys: ['id', 'tenant', 'destination'] },
);

it('whatever is written, it is taken whole or refused with places: never a crash, never a part of it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(written, { maxLength: 4 }), fc.jsonValue()), (json) => {
      let subscriptions: ReturnType<typeof parseSubscriptions>;
      try {
        subscriptions = parseSubscriptions(json, rules);
      } catch (error) {
        expect(error).toBeInstanceOf(OperatorMustFix);
        return;
      }
      expect(subscriptions).toHaveLength(Array.isArray(json) ? json.length : -1);
      for (const { id, batch, destination } of subscriptions) {
        expect(id).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/);
        expect(batch.maxEvents).toBeGreaterThanOrEqual(1);
        expect(['webhook', 'folder', 's3', 'poll']).toContain(destination.type);
      }
      expect(new Set(subscriptions.map(({ id }) => id)).size).toBe(subscriptions.length);
    }),
    { numRuns: 2000 },
  );
});

import { describe, expect, it } from 'vitest';
import type { SubscriptionHead } from '../../shared/core/head.ts';
import { readSubscriptionState, repairOf } from '../../shared/core/subscription-repair.ts';
import { freshState, type Hold } from '../../shared/core/subscription-state.ts';

const fresh = freshState({ segment: 1, index: 0 });
const token = 'abcdefghijklmnopqrstuvwxyz-0123456789_AB';
const holds: readonly Hold[] = [
  { kind: 'pending', token, sinceMs: 1 },
  { kind: 'paused', by: 'k7', sinceMs: 1 },
  { kind: 'paused', by: 'operator', sinceMs: 1, reason: 'moving house' },
  { kind: 'paused', by: 'k7', sinceMs: 1, isUnproven: true, forChange: true },
];

describe('a stored state with a hold', () => {
  it.each(holds)('is read as it was written: %j', (hold) => {
    expect(readSubscriptionState({ ...fresh, hold })).toEqual({ ...fresh, hold });
  });

  it.each([
    null,
    {},
    'paused',
    { kind: 'paused' },
    { kind: 'pending', sinceMs: 1 },
    { kind: 'other', by: 'x', sinceMs: 1 },
    { kind: 'paused', by: 'x', sinceMs: 1, forChange: 'yes' },
    { kind: 'paused', by: 'x', sinceMs: 1, forChange: null },
  ])('that cannot be read is no state: %j does not open what was held', (hold) => {
    expect(readSubscriptionState({ ...fresh, hold })).toBeUndefined();
  });

  it.each(holds)('keeps it when it is set forward to a signed head: %j', (hold) => {
    const chain = 'ab'.repeat(32);
    const head: SubscriptionHead = {
      id: 'acme-soc',
      tenant: 'acme',
      begin: { segment: 1, index: 0 },
      cursor: { segment: 3, index: 0 },
      sequence: 4,
      chain,
      counts: { delivered: 9, filtered: 0, deadLetters: 0 },
    };
    const repair = repairOf({ stored: { ...fresh, hold }, head, journal: 5, restart: fresh });
    expect(repair).toMatchObject({ became: 'signed', state: { sequence: 4, hold } });
  });
});

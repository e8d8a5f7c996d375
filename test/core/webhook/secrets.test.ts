import { describe, expect, it } from 'vitest';
import { secretsOf } from '../../../shared/core/webhook/secrets.ts';
import { subscriptionSecret } from '../../../shared/core/webhook/signature.ts';

const [current, previous] = ['a root key of thirty-two characters', 'the root key before it, also that long'];
const id = 'acme-soc';
const untilMs = Date.parse('2026-11-21T00:00:00Z');
const rotated = { id, secret: { version: 3, previous: { version: 2, untilMs } } };
const secret = (rootKey: string, version: number): string => subscriptionSecret(rootKey, id, version);

describe('the secrets that sign', () => {
  it('are version 1 of the root key alone, as long as nothing was changed', () => {
    expect(secretsOf({ current }, { id }, untilMs)).toEqual([subscriptionSecret(current, id)]);
  });

  it('are the new version first and the one before beside it, until its time is over', () => {
    expect(secretsOf({ current }, rotated, untilMs - 1)).toEqual([secret(current, 3), secret(current, 2)]);
    expect(secretsOf({ current }, rotated, untilMs)).toEqual([secret(current, 3)]);
    expect(secretsOf({ current }, { id, secret: { version: 3 } }, 0)).toEqual([secret(current, 3)]);
  });

  it('are those of both root keys while that is changed: whichever change a receiver has followed, it has one of them', () => {
    const both = { current, previous };
    expect(secretsOf(both, { id }, 0)).toEqual([secret(current, 1), secret(previous, 1)]);
    expect(new Set(secretsOf(both, rotated, untilMs - 1))).toEqual(
      new Set([current, previous].flatMap((key) => [secret(key, 3), secret(key, 2)])),
    );
    expect(secretsOf(both, rotated, untilMs - 1)[0]).toBe(secret(current, 3));
  });
});

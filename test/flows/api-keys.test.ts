import { describe, expect, it, vi } from 'vitest';
import { mayUse } from '../../shared/core/api-key.ts';
import { BadParameters, type Mistake } from '../../shared/core/bad-parameters.ts';
import { maskSecrets, OperatorMustFix } from '../../shared/core/errors.ts';
import { type ApiKeyWish, apiKeyVerifier } from '../../shared/flows/api-keys.ts';
import { lastUseOf } from '../../shared/flows/key-uses.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { storeKey, storeRevoked } from '../support/store-key.ts';

const world = () => {
  const records = memoryRecordStore();
  const clock = recordingClock({ startMs: Date.parse('2026-05-05T12:00:00Z') });
  return { records, clock };
};
const wish: ApiKeyWish = { tenant: 'acme', scopes: ['events:read'], name: 'the SIEM' };

describe('an API key', () => {
  it('is verified by its text, which is stored nowhere', async () => {
    const deps = world();
    const { key, text } = await storeKey(deps, wish);
    expect(text).toMatch(/^sluice_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    expect(await apiKeyVerifier(deps)(text)).toEqual(key);
    expect(key).toMatchObject({
      tenant: 'acme',
      scopes: ['events:read'],
      name: 'the SIEM',
      createdAt: '2026-05-05T12:00:00.000Z',
    });
    const stored = JSON.stringify(deps.records.records());
    expect(stored).not.toContain(text.slice(-43));
    expect(maskSecrets(`key ${text} was used`)).not.toContain(text.slice(-43));
  });

  it('is never the same twice', async () => {
    const deps = world();
    const made = await Promise.all(Array.from({ length: 20 }, () => storeKey(deps, wish)));
    expect(new Set(made.map(({ text }) => text.slice(-43))).size).toBe(20);
    expect(deps.records.records()).toHaveLength(20);
  });

  it('with a secret of another key is none', async () => {
    const deps = world();
    const [a, b] = [await storeKey(deps, wish), await storeKey(deps, { ...wish, tenant: 'other' })];
    expect(await apiKeyVerifier(deps)(`sluice_${a.key.id}_${b.text.slice(-43)}`)).toBeUndefined();
  });

  it('that was revoked is refused by everyone within a minute, at once by who had not seen it', async () => {
    const deps = world();
    const { key, text } = await storeKey(deps, wish);
    const verify = apiKeyVerifier(deps);
    await verify(text);
    await storeRevoked(deps, key.id);
    expect(await apiKeyVerifier(deps)(text)).toBeUndefined();
    expect(await verify(text)).toEqual(key);
    deps.clock.advance(60_000);
    expect(await verify(text)).toBeUndefined();
  });

  it('costs one read of the store a minute, and what was wrong is never remembered', async () => {
    const deps = world();
    let reads = 0;
    const records: typeof deps.records = {
      ...deps.records,
      get: (partition, id) => {
        if (partition === 'key') reads += 1;
        return deps.records.get(partition, id);
      },
    };
    const { text } = await storeKey(deps, wish);
    const verify = apiKeyVerifier({ ...deps, records }, { rememberMs: 60_000, most: 2 });
    for (let time = 0; time < 5; time++) await verify(text);
    expect(reads).toBe(1);
    const unknown = text.replace(/_[0-9a-f]{16}_/, '_0000000000000000_');
    await verify(unknown);
    await verify(unknown);
    expect(reads).toBe(3);
    await verify('not a key');
    expect(reads).toBe(3);
  });

  it('lets nobody in from the moment on at which it expires, not even who knew it a second before', async () => {
    const deps = world();
    const { key, text } = await storeKey(deps, { ...wish, expiresAt: '2026-05-05T12:00:30Z' });
    expect(key.expiresAt).toBe('2026-05-05T12:00:30.000Z');
    const verify = apiKeyVerifier(deps);
    deps.clock.advance(29_999);
    expect(await verify(text)).toEqual(key);
    deps.clock.advance(1);
    expect(await verify(text)).toBeUndefined();
    expect(await apiKeyVerifier(deps)(text)).toBeUndefined();
  });

  it('notes when it is used at most every five minutes, in however many processes', async () => {
    const deps = world();
    const { key, text } = await storeKey(deps, wish);
    const processes = [apiKeyVerifier(deps), apiKeyVerifier(deps)];
    const useAll = async (): Promise<number | undefined> => {
      for (const verify of processes) await verify(text);
      await vi.waitFor(async () => expect(await lastUseOf(deps.records, key.id)).toBeDefined());
      return lastUseOf(deps.records, key.id);
    };
    const first = deps.clock.nowMs();
    expect(await useAll()).toBe(first);
    deps.clock.advance(299_999);
    expect(await useAll()).toBe(first);
    deps.clock.advance(1);
    for (const verify of processes) await verify(text);
    await vi.waitFor(async () => expect(await lastUseOf(deps.records, key.id)).toBe(first + 300_000));
    expect(deps.records.records().find(({ partition }) => partition === 'key-use')?.version).toBe(2);
  });

  it('lets its user in although its use cannot be noted', async () => {
    const deps = world();
    const { key, text } = await storeKey(deps, wish);
    deps.records.failWhen((_, target) => (target.startsWith('key-use/') ? 'before' : undefined));
    expect(await apiKeyVerifier(deps)(text)).toMatchObject({ id: key.id });
  });

  it('allows what its scopes say, and an operator everything', async () => {
    const deps = world();
    const { key } = await storeKey(deps, wish);
    expect(mayUse(key, 'events:read')).toBe(true);
    expect(mayUse(key, 'subscriptions:write')).toBe(false);
    const operator = await storeKey(deps, { tenant: '*', scopes: ['operator'] });
    expect(mayUse(operator.key, 'subscriptions:write')).toBe(true);
    expect(mayUse({ scopes: ['subscriptions:write'] }, 'subscriptions:read')).toBe(true);
    expect(mayUse({ scopes: ['subscriptions:read'] }, 'subscriptions:write')).toBe(false);
    expect(mayUse({ scopes: ['subscriptions:write'] }, 'keys:write')).toBe(false);
  });

  it('is not made from a wish with mistakes; all of them are named', async () => {
    const mistakes = async (wrong: ApiKeyWish): Promise<readonly Mistake[]> => {
      const error: unknown = await storeKey(world(), wrong).catch((thrown: unknown) => thrown);
      if (error instanceof BadParameters) return error.mistakes;
      throw new Error('the key was made');
    };
    const fields = async (wrong: ApiKeyWish) => (await mistakes(wrong)).map(({ field }) => field);
    expect(await fields({ tenant: 'Acme Ltd', scopes: ['read', 'write'], name: 'x'.repeat(101) })).toEqual([
      'tenant',
      'scopes',
      'scopes',
      'name',
    ]);
    expect(await fields({ tenant: 'acme', scopes: [] })).toEqual(['scopes']);
    expect(await fields({ ...wish, name: 'the \u202eSIEM' })).toEqual(['name']);
    for (const expiresAt of ['soon', '2026-02-30T00:00:00Z', '2026-05-05T12:00:00Z'])
      expect(await fields({ ...wish, expiresAt })).toEqual(['expiresAt']);
    expect(await mistakes({ tenant: 'acme', scopes: ['operator'] })).toEqual([
      { field: 'scopes', detail: 'operator is for keys of tenant * only; got "acme".' },
    ]);
  });

  it('whose record is damaged lets nobody in, and says what to do', async () => {
    const deps = world();
    const { key, text } = await storeKey(deps, wish);
    await deps.records.compareAndSet({ partition: 'key', id: key.id, value: { ...key, scopes: ['everything'] } }, 1);
    await expect(apiKeyVerifier(deps)(text)).rejects.toBeInstanceOf(OperatorMustFix);
  });
});

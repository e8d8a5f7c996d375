import {
  type ApiKeyDeps,
  type ApiKeyWish,
  keyPartition,
  type NewApiKey,
  newApiKey,
} from '../../shared/flows/api-keys.ts';

/** A key in the store, without what a test of requests has no need of: a caller, the audit journal. */
export const storeKey = async ({ records, clock }: ApiKeyDeps, wish: ApiKeyWish): Promise<NewApiKey> => {
  const made = newApiKey(wish, clock.nowMs());
  const { key } = made;
  if ((await records.compareAndSet({ partition: keyPartition, id: key.id, value: key }, 0)) === 'conflict')
    throw new Error('no two keys have one id');
  return made;
};

/** From now on the store has it as revoked. */
export const storeRevoked = async ({ records, clock }: ApiKeyDeps, id: string): Promise<void> => {
  const record = await records.get(keyPartition, id);
  if (!record) throw new Error(`there is no key ${id}`);
  const value = { ...(record.value as object), revokedAt: new Date(clock.nowMs()).toISOString() };
  if ((await records.compareAndSet({ partition: keyPartition, id, value }, record.version)) === 'conflict')
    throw new Error('nobody else was to change the key');
};

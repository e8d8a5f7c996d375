import { describe, expect, it } from 'vitest';
import { breakSentence } from '../../shared/core/verify/break.ts';
import { type ADelivery, aDelivery, verifiedDelivery } from './a-delivery.ts';
import { changedDelivery, type DeliveryChange } from './delivery-changes.ts';
import { randomOf } from './random.ts';

const mutations = 300;
const intact = 60;

const deliveries: Promise<ADelivery>[] = [];
const delivery = (seed: number): Promise<ADelivery> => {
  deliveries[seed] ??= aDelivery(seed);
  return deliveries[seed];
};

describe('what a destination received', { timeout: 60_000 }, () => {
  it(`is found intact, ${intact} different ones of it, and how much no digest names yet`, async () => {
    for (let seed = 1; seed <= intact; seed += 1) {
      const { files, digests, young } = await delivery(seed);
      const verdict = await verifiedDelivery(files);
      expect({ seed, break: verdict.break }).toEqual({ seed, break: undefined });
      expect(verdict).toMatchObject({ digests: digests.length, notYetAttested: young.length, signatures: 'good' });
      expect(verdict.objects).toBe(digests.reduce((sum, { digest }) => sum + digest.objects.length, 0));
    }
  });

  it(`is found broken after ${mutations} changes and forgeries, each named where it is or before`, async () => {
    const changes: (readonly [number, DeliveryChange])[] = [];
    for (let seed = 1; changes.length < mutations; seed += 1) {
      const change = changedDelivery(await delivery(1 + (seed % intact)), randomOf(seed));
      if (change) changes.push([seed, change]);
    }
    for (const [seed, { what, files, places, from = 0 }] of changes) {
      const { break: found } = await verifiedDelivery(files);
      const isNamed = found && (places ? places.includes(found.place) : found.from <= from);
      expect(isNamed ? '' : `seed ${seed}: ${what}: ${found && breakSentence(found)}`).toBe('');
    }
  });
});

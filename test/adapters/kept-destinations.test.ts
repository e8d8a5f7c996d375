import { describe, expect, it } from 'vitest';
import { keptDestinations } from '../../shared/adapters/kept-destinations.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { aSubscription } from '../support/world.ts';

const webhook = { type: 'webhook', url: 'https://hooks.acme.example/in', headers: { 'X-Key': 'one' } } as const;
const soc = aSubscription({ destination: webhook });

/** Says what was opened and closed, in order. */
const aKeeper = (most = 3) => {
  const log: string[] = [];
  let fails = 0;
  const open = async ({ id }: Subscription) => {
    if (fails > 0) {
      fails -= 1;
      throw new OperatorMustFix('It cannot be opened.');
    }
    log.push(`open ${id}`);
    return { ...memoryDestination(), close: () => void log.push(`close ${id}`) };
  };
  const failOnce = (): void => {
    fails = 1;
  };
  const deps = { secrets: memorySecrets(), clock: recordingClock({ startMs: 0 }), allow: [] };
  return { log, destinationOf: keptDestinations(deps, { most, open }), failOnce };
};

describe('the destination of a subscription', () => {
  it('is opened once, as long as nothing about the subscription changes', async () => {
    const { log, destinationOf } = aKeeper();
    const first = await destinationOf(soc);
    expect(await destinationOf(structuredClone(soc))).toBe(first);
    expect(log).toEqual(['open acme-soc']);
  });

  it.each<[string, Partial<Subscription>]>([
    ['its URL', { destination: { ...webhook, url: 'https://hooks.acme.example/other' } }],
    ['the value of a header', { destination: { ...webhook, headers: { 'X-Key': 'two' } } }],
    ['its secret', { secret: { version: 2 } }],
    ['its signatures', { destination: { ...webhook, signatures: ['v1', 'v1a'] } }],
    ['its format', { format: 'ecs-flat' }],
    ['what travels', { fields: ['user'] }],
    ['its kind', { destination: { type: 'poll' } }],
  ])('is opened anew, and the one before closed, when %s changes', async (_, change) => {
    const { log, destinationOf } = aKeeper();
    const before = await destinationOf(soc);
    expect(await destinationOf({ ...soc, ...change })).not.toBe(before);
    expect(log.toSorted()).toEqual(['close acme-soc', 'open acme-soc', 'open acme-soc']);
  });

  it('is closed when it was used longest ago and there are too many', async () => {
    const { log, destinationOf } = aKeeper(2);
    for (const id of ['a', 'b', 'a', 'c', 'a']) await destinationOf(aSubscription({ id }));
    expect(log).toEqual(['open a', 'open b', 'open c', 'close b']);
  });

  it('is tried again when it could not be opened', async () => {
    const { log, destinationOf, failOnce } = aKeeper();
    failOnce();
    await expect(destinationOf(soc)).rejects.toThrow('It cannot be opened.');
    await destinationOf(soc);
    expect(log).toEqual(['open acme-soc']);
  });
});

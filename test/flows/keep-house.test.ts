import { describe, expect, it } from 'vitest';
import { storedId } from '../../shared/core/stored-subscription.ts';
import { keepHouse } from '../../shared/flows/keep-house.ts';
import { openAuditJournal } from '../../shared/flows/manage/audit-journal.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { storeAsApi } from '../support/stored-subscriptions.ts';
import { aSubscription, aWorld } from '../support/world.ts';

const id = storedId('acme', 'abcdefghijkl');
const destination = { type: 'webhook', url: 'https://hooks.acme.example/in/canary' } as const;

const aHouse = async () => {
  const world = aWorld();
  const secrets = memorySecrets({ rootKey: '1'.repeat(44) });
  await storeAsApi({ ...world, secrets }, aSubscription({ id, destination }));
  secrets.rotate('rootKey', '2'.repeat(44));
  const onlyCurrent = memorySecrets({ rootKey: '2'.repeat(44) });
  return {
    ...world,
    keep: () => keepHouse({ ...world, secrets, audit: openAuditJournal(world.blobs) }),
    opens: () => openRoster({ ...world, secrets: onlyCurrent, fromFile: [] }).get(id),
  };
};

describe('what nobody waits for', () => {
  it('is done by the way: credentials come under the current root key', async () => {
    const house = await aHouse();
    await house.keep();
    expect(await house.opens()).toMatchObject({ destination });
  });

  it('is done although another part of it is in trouble, which is said', async () => {
    const house = await aHouse();
    house.records.failWhen((operation, target) =>
      operation === 'range' && (target === 'change' || target === 'unfinished') ? 'before' : undefined,
    );
    await house.keep();
    expect(await house.opens()).toMatchObject({ destination });
    expect(house.notices).toEqual([
      { level: 'warn', message: expect.stringContaining('Changes that were made wait for their place') },
      { level: 'warn', message: expect.stringContaining('What deleted subscriptions left behind was not removed') },
    ]);
  });

  it('writes nothing where there is nothing to do', async () => {
    const { records, blobs, clock, telemetry, notices } = aWorld();
    const secrets = memorySecrets({ rootKey: '1'.repeat(44) });
    await keepHouse({ records, clock, telemetry, secrets, audit: openAuditJournal(blobs) });
    expect([records.records(), blobs.names(), notices]).toEqual([[], [], []]);
  });
});

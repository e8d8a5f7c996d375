import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../shared/core/attempt.ts';
import { BadBody } from '../../../shared/core/bad-body.ts';
import type { Outcome } from '../../../shared/core/batch.ts';
import { secretsOf } from '../../../shared/core/webhook/secrets.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import { listAttempts } from '../../../shared/flows/manage/list-attempts.ts';
import { pauseSubscription, resumeSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import type { Page, PageOptions } from '../../../shared/flows/manage/read-subscriptions.ts';
import { rotateSecret } from '../../../shared/flows/manage/rotate-secret.ts';
import { testSubscription } from '../../../shared/flows/manage/test-subscription.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { doneOf, type ManagedWorld, managedWorld, ofAcme } from '../../support/managed-world.ts';

const dayMs = 86_400_000;

const aProven = async (events = 0) => {
  const world = await managedWorld({ events });
  const made = await world.create();
  const { id } = made.subscription;
  await world.run(id, memoryDestination());
  return { ...world, id, secret: made.signing?.secret ?? '' };
};

const signingNow = async (world: ManagedWorld, id: string): Promise<readonly string[]> => {
  const [subscription, rootKey] = [await world.subscriptionOf(id), await world.secrets.get('rootKey')];
  if (!subscription || !rootKey) throw new Error('both are there');
  return secretsOf(rootKey, subscription, world.clock.nowMs());
};

describe('rotating a secret', () => {
  it('gives a new one once; the one before signs beside it for a day', async () => {
    const world = await aProven();
    const rotated = doneOf(await rotateSecret(world.deps(), ofAcme, world.id));
    expect(rotated.signing.secret).not.toBe(world.secret);
    expect(rotated.signing.publicKey).toMatch(/^whpk_/);
    expect(rotated.subscription.secret).toEqual({ version: 2, previousUntil: '2026-03-02T12:00:00.000Z' });
    expect(await signingNow(world, world.id)).toEqual([rotated.signing.secret, world.secret]);
    world.clock.advance(dayMs - 1);
    expect(await signingNow(world, world.id)).toHaveLength(2);
    world.clock.advance(1);
    expect(await signingNow(world, world.id)).toEqual([rotated.signing.secret]);
  });

  it('is refused while the overlap of the last one lasts: its receivers were promised that the older one holds', async () => {
    const world = await aProven();
    await rotateSecret(world.deps(), ofAcme, world.id, { overlapSeconds: 7 * 86_400 });
    const before = await signingNow(world, world.id);
    expect(await rotateSecret(world.deps(), ofAcme, world.id)).toMatchObject({
      kind: 'refused',
      reason: 'not now',
      retryAfterMs: 7 * dayMs,
    });
    expect(await signingNow(world, world.id)).toEqual(before);
    world.clock.advance(7 * dayMs);
    expect(doneOf(await rotateSecret(world.deps(), ofAcme, world.id)).subscription.secret?.version).toBe(3);
  });

  it('without an overlap ends all former ones at once, also while an overlap lasts', async () => {
    const world = await aProven();
    await rotateSecret(world.deps(), ofAcme, world.id);
    const rotated = doneOf(await rotateSecret(world.deps(), ofAcme, world.id, { overlapSeconds: 0 }));
    expect(await signingNow(world, world.id)).toEqual([rotated.signing.secret]);
    expect(rotated.subscription.secret).toEqual({ version: 3 });
  });

  it('keeps what was rotated when the subscription is changed', async () => {
    const world = await aProven();
    const { signing } = doneOf(await rotateSecret(world.deps(), ofAcme, world.id));
    await changeSubscription(world.deps(), ofAcme, world.id, { description: 'new' });
    expect((await signingNow(world, world.id))[0]).toBe(signing.secret);
  });

  it.each([-1, 1.5, 604_801, Number.NaN])('for %d seconds is a mistake', async (overlapSeconds) => {
    const world = await aProven();
    await expect(rotateSecret(world.deps(), ofAcme, world.id, { overlapSeconds })).rejects.toBeInstanceOf(BadBody);
  });

  it('is for what is signed: webhooks and polls, and no bucket', async () => {
    const world = await managedWorld();
    const poll = await world.create({ destination: { type: 'poll' } });
    expect(poll.signing?.secret).toMatch(/^whsec_/);
    expect((await rotateSecret(world.deps(), ofAcme, poll.subscription.id)).kind).toBe('done');
    const bucket = await world.create({
      batch: {},
      destination: {
        type: 's3',
        bucket: 'acme-events',
        region: 'eu-central-1',
        roleArn: 'arn:aws:iam::123456789012:role/sluice',
      },
    });
    expect(bucket.signing).toBeUndefined();
    expect(bucket.subscription.destination).toMatchObject({ externalId: expect.stringMatching(/^sluice-/) });
    expect(await rotateSecret(world.deps(), ofAcme, bucket.subscription.id)).toMatchObject({ reason: 'wrong state' });
  });
});

describe('a test message', () => {
  it('says what it came to, and is in the log of attempts and in the audit journal', async () => {
    const world = await aProven();
    world.clock.advance(1000);
    const refusal: Outcome = {
      kind: 'misconfigured',
      answer: '401 Unauthorized',
      response: { status: 401, body: 'who are you?' },
    };
    const receiver = memoryDestination({
      onProbe: () => {
        world.clock.advance(40);
        return refusal;
      },
    });
    const deps = { ...world.deps(), destinationOf: async () => receiver };
    expect(doneOf(await testSubscription(deps, ofAcme, world.id))).toEqual({ ...refusal, durationMs: 40 });
    expect(receiver.probes).toMatchObject([{ kind: 'test', subscription: world.id }]);
    const [attempt] = doneOf(await listAttempts(deps, ofAcme, world.id, { limit: 1 })).items;
    expect(attempt).toMatchObject({ kind: 'test', status: 401, body: 'who are you?', outcome: 'misconfigured' });
    expect((await world.audited()).at(-1)).toBe('subscription-tested');
    expect((await world.state(world.id)).sequence).toBe(0);
  });

  it('is sent one at a time, and ten times a minute', async () => {
    const world = await aProven();
    const inside: unknown[] = [];
    const receiver = memoryDestination();
    const deps = {
      ...world.deps(),
      destinationOf: async () => ({
        ...receiver,
        probe: async (...given: Parameters<NonNullable<typeof receiver.probe>>) => {
          if (inside.length === 0) inside.push(await testSubscription(deps, ofAcme, world.id));
          return receiver.probe?.(...given) ?? Promise.reject(new Error('it has one'));
        },
      }),
    };
    expect((await testSubscription(deps, ofAcme, world.id)).kind).toBe('done');
    expect(inside).toMatchObject([{ kind: 'refused', reason: 'not now' }]);
    for (let n = 1; n < 10; n += 1) expect((await testSubscription(deps, ofAcme, world.id)).kind).toBe('done');
    expect(await testSubscription(deps, ofAcme, world.id)).toMatchObject({ reason: 'not now', retryAfterMs: 60_000 });
    world.clock.advance(60_000);
    expect((await testSubscription(deps, ofAcme, world.id)).kind).toBe('done');
  });

  it('is possible again half a minute after a process died over one', async () => {
    const world = await aProven();
    const dead = { ...memoryDestination(), probe: () => Promise.reject(new Error('the process died')) };
    await expect(
      testSubscription({ ...world.deps(), destinationOf: async () => dead }, ofAcme, world.id),
    ).rejects.toThrow('died');
    expect(await testSubscription(world.deps(), ofAcme, world.id)).toMatchObject({ reason: 'not now' });
    world.clock.advance(30_000);
    expect((await testSubscription(world.deps(), ofAcme, world.id)).kind).toBe('done');
  });

  it('is not sent to an endpoint that nobody has proven, however it is held', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    expect(await testSubscription(world.deps(), ofAcme, id)).toMatchObject({ reason: 'wrong state' });
    await pauseSubscription(world.deps(), ofAcme, id);
    expect(await testSubscription(world.deps(), ofAcme, id)).toMatchObject({ reason: 'wrong state' });
    expect(world.receiver.probes).toEqual([]);
  });

  it('goes to a paused subscription that is proven', async () => {
    const world = await aProven();
    await pauseSubscription(world.deps(), ofAcme, world.id);
    expect((await testSubscription(world.deps(), ofAcme, world.id)).kind).toBe('done');
  });
});

describe('a pause', () => {
  it('holds everything back and loses nothing; the reason is plain text', async () => {
    const world = await aProven(5);
    const receiver = memoryDestination();
    await pauseSubscription(world.deps(), ofAcme, world.id, { reason: 'moving' });
    await world.run(world.id, receiver);
    expect(receiver.attempts).toEqual([]);
    await expect(pauseSubscription(world.deps(), ofAcme, world.id, { reason: 'a\u202eb' })).rejects.toBeInstanceOf(
      BadBody,
    );
  });

  it('of a pending one ends in the challenge, not in deliveries', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await pauseSubscription(world.deps(), ofAcme, id);
    await world.run(id);
    expect(world.receiver.probes).toEqual([]);
    expect(doneOf(await resumeSubscription(world.deps(), ofAcme, id)).state).toBe('pending');
    const silent = memoryDestination({ onProbe: () => ({ kind: 'retry', answer: 'no token' }) });
    await world.run(id, silent);
    expect(silent.attempts).toEqual([]);
  });

  it('with a version that is no longer the stored one is refused', async () => {
    const world = await aProven();
    const answer = await pauseSubscription(world.deps(), ofAcme, world.id, { expected: 7 });
    expect(answer).toEqual({ kind: 'changed elsewhere', version: 1 });
  });
});

describe('the log of attempts', () => {
  it('is read page by page, the newest first, each once', async () => {
    const world = await aProven();
    for (let n = 0; n < 7; n += 1) {
      world.clock.advance(60_000);
      await testSubscription(world.deps(), ofAcme, world.id);
    }
    const times: string[] = [];
    for (let after: string | undefined = ''; after !== undefined; ) {
      const options: PageOptions = { limit: 3, ...(after !== '' && { after }) };
      const page: Page<Attempt> = doneOf(await listAttempts(world.deps(), ofAcme, world.id, options));
      times.push(...page.items.map(({ at }) => at));
      after = page.next;
    }
    expect(times).toHaveLength(8);
    expect(times).toEqual(times.toSorted().reverse());
  });
});

import type { SQSBatchResponse } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { deliverHandler } from '../../../functions/deliver/handler.ts';
import { OperatorMustFix } from '../../../shared/core/errors.ts';
import type { Subscription } from '../../../shared/core/subscription.ts';
import { type MemoryDestination, memoryDestination } from '../../fakes/memory-destination.ts';
import tick from '../../fixtures/lambda/schedule.json' with { type: 'json' };
import wakeUps from '../../fixtures/lambda/wake-ups.json' with { type: 'json' };
import { aRoster } from '../../support/a-roster.ts';
import { aSubscription, aWorld, hitsFrom } from '../../support/world.ts';

const soon = { getRemainingTimeInMillis: () => 120_000 };
const [first, second, third] = wakeUps.Records.map(({ messageId }) => messageId);

const aDeliverFunction = async (batch = { maxEvents: 100, maxBytes: 1_000_000, maxDelaySeconds: 0 }) => {
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 30) });
  await world.pull();
  const subscriptions = ['acme-soc', 'acme-archive'].map((id) => aSubscription({ id, batch }));
  const destinations = new Map<string, MemoryDestination>(subscriptions.map(({ id }) => [id, memoryDestination()]));
  const destinationOf = async ({ id }: Subscription) => {
    const destination = destinations.get(id);
    if (!destination) throw new OperatorMustFix(`Destination of ${id} cannot be opened.`);
    return destination;
  };
  const { records, clock, telemetry, queue } = world;
  const deps = {
    records,
    clock,
    telemetry,
    queue,
    journal: world.journal(),
    roster: aRoster(subscriptions),
    destinationOf,
  };
  const received = (id: string) => destinations.get(id)?.lines().length;
  return { world, destinations, received, run: deliverHandler(Promise.resolve(deps)) };
};

const failed = (answer: unknown) =>
  (answer as SQSBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

describe('the deliver function, with messages of the queue', () => {
  it('delivers to each subscription once, however many messages name it', async () => {
    const { run, received, world } = await aDeliverFunction();
    expect(failed(await run(wakeUps, soon))).toEqual([]);
    expect([received('acme-soc'), received('acme-archive')]).toEqual([30, 30]);
    expect(world.deliveries.map(({ subscription }) => subscription).sort()).toEqual(['acme-archive', 'acme-soc']);
  });

  it('keeps only the messages of the subscription that could not be handled, all of them', async () => {
    const { run, received, destinations } = await aDeliverFunction();
    destinations.delete('acme-soc');
    expect(failed(await run(wakeUps, soon))).toEqual([first, second]);
    expect(received('acme-archive')).toBe(30);
  });

  it('leaves a message that is no wake-up to the dead-letter queue, and handles the others', async () => {
    const { run, received, world } = await aDeliverFunction();
    const poisoned = {
      Records: wakeUps.Records.map((record) => (record.messageId === third ? { ...record, body: 'poison' } : record)),
    };
    expect(failed(await run(poisoned, soon))).toEqual([third]);
    expect(received('acme-soc')).toBe(30);
    expect(world.notices).toContainEqual({ level: 'error', message: expect.stringContaining('not a wake-up') });
  });

  it('forgets a message for a subscription that is gone from the file, and says so', async () => {
    const { run, world } = await aDeliverFunction();
    const body = JSON.stringify({ subscription: 'gone', reason: '1' });
    const [record] = wakeUps.Records;
    expect(failed(await run({ Records: [{ ...record, body }] }, soon))).toEqual([]);
    expect(world.notices).toContainEqual({ level: 'warn', message: expect.stringContaining('"gone"') });
  });

  it('takes an endpoint that refuses for no failure of the message: the timetable brings it back', async () => {
    const { run, destinations } = await aDeliverFunction();
    destinations.get('acme-soc')?.plan('retry');
    expect(failed(await run(wakeUps, soon))).toEqual([]);
  });

  it('wakes a subscription again when time is up before its end', async () => {
    const { run, world, received } = await aDeliverFunction({ maxEvents: 10, maxBytes: 1_000_000, maxDelaySeconds: 0 });
    const remaining = [60_000, 60_000];
    const ending = { getRemainingTimeInMillis: () => remaining.shift() ?? 10_000 };
    expect(failed(await run({ Records: wakeUps.Records.slice(0, 1) }, ending))).toEqual([]);
    expect(received('acme-soc')).toBe(20);
    expect(world.queue.take()).toEqual(['acme-soc']);
  });
});

describe('the deliver function, without messages', () => {
  it('delivers to every subscription what waits for it, and says what became of each', async () => {
    const { run, received } = await aDeliverFunction();
    const answer = await run(tick, soon);
    expect(answer).toMatchObject({
      subscriptions: [
        { subscription: 'acme-soc', result: 'caught up', delivered: 30 },
        { subscription: 'acme-archive', result: 'caught up', delivered: 30 },
      ],
    });
    expect([received('acme-soc'), received('acme-archive')]).toEqual([30, 30]);
  });

  it('fails after every subscription had its turn, naming what went wrong', async () => {
    const { run, received, destinations } = await aDeliverFunction();
    destinations.delete('acme-soc');
    await expect(run('', soon)).rejects.toThrow('Destination of acme-soc cannot be opened.');
    expect(received('acme-archive')).toBe(30);
  });
});

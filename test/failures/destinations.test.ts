import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import type { SubscriptionState } from '../../shared/core/subscription-state.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { resumeSubscription } from '../support/resume-subscription.ts';
import { aSubscription } from '../support/world.ts';
import { aStageInMemory, documentsFrom, idIn, idsOf, type Stage } from './stage.ts';

const anHourMs = 3_600_000;
const aDayMs = 24 * anHourMs;

const aPulledStage = async (count = 6) => {
  const events = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', count);
  const stage = aStageInMemory(events);
  await stage.pull();
  return { events, stage };
};

const stateOf = (stage: Stage, id: string) =>
  stage.records.records().find((record) => record.partition === 'subscription' && record.id === id)
    ?.value as SubscriptionState;

const resume = (stage: Stage, id: string) =>
  resumeSubscription(
    { journal: stage.journal(), records: stage.records, clock: stage.clock },
    aSubscription({ id, tenant: '*' }),
  );

describe('in memory', () => {
  it('F36 one destination accepts and another fails: only the failed one is asked again, the other gets nothing twice', async () => {
    const { events, stage } = await aPulledStage();
    const [good, bad] = [memoryDestination(), memoryDestination({ script: ['retry', 'answer lost'] })];
    for (let minute = 0; minute < 30; minute += 1) {
      await stage.deliver(good, { id: 'good' });
      await stage.deliver(bad, { id: 'bad' });
      stage.clock.advance(60_000);
    }
    expect(good.attempts).toHaveLength(1);
    expect(good.accepted.flatMap(({ lines }) => lines.map(idIn))).toEqual(idsOf(events));
    expect(bad.attempts).toHaveLength(3);
    expect(new Set(bad.attempts.map(({ batch }) => batch.id)).size).toBe(1);
    expect(bad.lines()).toHaveLength(6);
  });

  it('F37 a destination is down for five days: it is switched off with its cursor kept, and gets everything once it is back', async () => {
    const { events, stage } = await aPulledStage();
    const down = memoryDestination({ otherwise: () => 'retry' });
    for (let hour = 0; hour < 6 * 24; hour += 1) {
      await stage.deliver(down);
      stage.clock.advance(anHourMs);
    }
    expect(stateOf(stage, 'soc')).toMatchObject({ cursor: { segment: 1, index: 0 }, health: { status: 'disabled' } });
    expect(stage.notices.at(-1)?.message).toContain('disabled after 5 days without a success');

    expect(await resume(stage, 'soc')).toBe('disabled');
    await stage.expectOnce(idsOf(events));

    // What waits is kept six times as long as that. Whoever waits longer is told, not passed over.
    const resources = readFileSync(join(import.meta.dirname, '../../deploy/resources.yml'), 'utf8');
    const days = /Prefix: journal\/segments\/,\s+ExpirationInDays: (\d+)/.exec(resources)?.[1];
    expect(Number(days)).toBeGreaterThanOrEqual(30);
    const expired = await stage.journal().manifest(1);
    stage.blobs.lose(expired?.object ?? '');
    const late = stage.deliver(memoryDestination(), { id: 'late' });
    await expect(late).rejects.toThrow(OperatorMustFix);
    await expect(late).rejects.toThrow(/of segment 1 is missing/);
    expect(stateOf(stage, 'late')).toBeUndefined();
  });

  it('F41 an answer is lost and the batch is sent again weeks later: same id, same bytes, the times of the events as they were', async () => {
    const { events, stage } = await aPulledStage(3);
    const destination = memoryDestination({ script: ['answer lost'], otherwise: () => 'retry' });
    for (let day = 0; day < 21; day += 1) {
      await stage.deliver(destination);
      stage.clock.advance(aDayMs);
    }
    const back = memoryDestination();
    await resume(stage, 'soc');
    await stage.deliver(back);
    expect(back.accepted).toEqual([destination.accepted[0]]);
    const times = back.lines().map((line) => JSON.parse(line)['@timestamp']);
    expect(times).toEqual(events.map(({ source }) => source['@timestamp']));
  });
});

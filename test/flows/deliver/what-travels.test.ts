import { describe, expect, it } from 'vitest';
import { encodeObject } from '../../../shared/core/batch-encoding.ts';
import { revisionOf } from '../../../shared/core/subscription-state.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { readSample, sampleHits } from '../../support/sample-hits.ts';
import { aSubscription, aWorld } from '../../support/world.ts';

const everything = aSubscription({ tenant: '*' });
const pulled = async () => {
  const world = aWorld({ hits: sampleHits(), read: readSample });
  await world.pull();
  return world;
};
const eventsOf = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line) as { event: { id: string }; user?: { id: string }; source?: object });

describe('what travels to a subscription', () => {
  it('is chosen by a filter that sees the whole event, also what does not travel', async () => {
    const world = await pulled();
    const filter = { outcome: ['failure'] } as const;
    const [whole, projected] = [memoryDestination(), memoryDestination()];
    await world.deliver({ ...everything, id: 'whole', filter }, whole);
    await world.deliver(
      { ...everything, id: 'projected', filter, fields: ['user.id'], personalData: 'hide' },
      projected,
    );
    const [all, some] = [eventsOf(whole.lines()), eventsOf(projected.lines())];
    expect(some.length).toBeGreaterThan(3);
    expect(some.map(({ event }) => event.id)).toEqual(all.map(({ event }) => event.id));
    expect(some.map(({ user }) => user?.id)).toEqual(all.map(({ user }) => user?.id));
    for (const event of some)
      expect(Object.keys(event).filter((key) => !['@timestamp', 'ecs', 'event', 'user'].includes(key))).toEqual([]);
  });

  it('is counted by the limits of a batch as it travels, not as it lies in the journal', async () => {
    const world = await pulled();
    const batch = { maxEvents: 1_000, maxBytes: 6_000, maxDelaySeconds: 0 };
    const [whole, projected] = [memoryDestination(), memoryDestination()];
    await world.deliver({ ...everything, id: 'whole', batch }, whole);
    await world.deliver({ ...everything, id: 'projected', batch, fields: [] }, projected);
    expect(projected.lines()).toHaveLength(whole.lines().length);
    expect(projected.accepted.length).toBeLessThan(whole.accepted.length / 2);
    for (const each of [...whole.accepted, ...projected.accepted])
      if (each.lines.length > 1) expect(encodeObject(each).length).toBeLessThanOrEqual(batch.maxBytes);
  });

  it('is part of the revision: with other fields or other hiding no batch keeps its id', () => {
    const revisions = [
      everything,
      { ...everything, fields: [] },
      { ...everything, fields: ['user'] },
      { ...everything, personalData: 'hide' as const },
      { ...everything, format: 'ecs-flat' as const },
      { ...everything, filter: { outcome: ['failure'] } },
    ].map(revisionOf);
    expect(new Set(revisions).size).toBe(revisions.length);
    expect(revisionOf({ ...everything, description: 'renamed' })).toBe(revisionOf(everything));
  });

  it('names the event that nobody accepts, in whatever form it was sent', async () => {
    const world = await pulled();
    const destination = memoryDestination({ script: ['poison'] });
    const batch = { maxEvents: 1, maxBytes: 1_000_000, maxDelaySeconds: 0 };
    await world.deliver({ ...everything, id: 'flat', format: 'ecs-flat', fields: [], batch }, destination);
    const [letter] = await world.records.range('dead-letter/flat', { limit: 10 });
    const [first] = destination.attempts;
    const sent = JSON.parse(Buffer.from(first?.batch.lines[0] ?? '').toString()) as Record<string, string>;
    expect(letter?.value).toMatchObject({ event: sent['event.id'] });
    expect(sent['event.id']).toBeTruthy();
  });
});

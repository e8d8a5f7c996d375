import { describe, expect, it } from 'vitest';
import { matcher } from '../../../shared/core/filter-match.ts';
import { parseFilter } from '../../../shared/core/filter-parse.ts';
import { parseSubscriptions } from '../../../shared/core/subscription-file.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { readSample, sampleHits } from '../../support/sample-hits.ts';
import { aWorld } from '../../support/world.ts';

const hits = sampleHits().map((hit) => ({
  ...hit,
  sort: [readSample(hit, '2026-05-05T12:00:00.000Z').time ?? null],
}));
const question = 'event.outcome: failure and not user.roles: AGENT';
const [subscription] = parseSubscriptions(
  [
    {
      id: 'operators',
      tenant: '*',
      filter: question,
      format: 'ocsf',
      start: 'beginning',
      destination: { type: 'webhook', url: 'https://hooks.acme.example/closer' },
    },
  ],
  { allowPrivateTargets: [], cwd: '/' },
);
if (!subscription) throw new Error('it is written as it must be');

describe('a subscription whose filter is a question', () => {
  it('receives what the same question finds, in the form it asks for', async () => {
    const world = aWorld({ hits, read: readSample });
    await world.pull();
    const destination = memoryDestination();
    await world.deliver(subscription, destination);
    const accepts = matcher(parseFilter({ q: question }));
    const events = hits
      .map((hit) => readSample(hit, '2026-05-05T12:00:00.000Z').event)
      .filter((event) => accepts(event));
    expect(events.length).toBeGreaterThan(3);
    const uids = events.map(({ event }) => event.id).sort();
    const received = destination.lines().map((line) => JSON.parse(line));
    expect(received.map(({ metadata }) => metadata.uid).sort()).toEqual(uids);
    expect(new Set(received.map((event) => typeof event.class_uid))).toEqual(new Set(['number']));
  });
});

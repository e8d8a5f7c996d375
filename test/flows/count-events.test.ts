import { describe, expect, it } from 'vitest';
import { intervalsSeconds } from '../../shared/core/buckets.ts';
import { cursorSeal } from '../../shared/core/cursor-seal.ts';
import { TooMuchAtOnce } from '../../shared/core/errors.ts';
import { everyTenant, type Hit } from '../../shared/core/event.ts';
import { parseFilter, type WrittenFilter } from '../../shared/core/filter-parse.ts';
import { problemOf } from '../../shared/core/problem.ts';
import type { QueryDeps } from '../../shared/flows/answer-query.ts';
import { countOverTime, mostBuckets, topValues } from '../../shared/flows/count-events.ts';
import { eachEvent } from '../../shared/flows/each-event.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { expectNoCanary } from '../support/canaries.ts';
import { edgeHits, readSample, sampleHits } from '../support/sample-hits.ts';
import { aHit, hitsFrom, plainRead } from '../support/world.ts';

const clock = recordingClock({ startMs: Date.parse('2026-05-05T12:00:00Z') });
const samples: readonly Hit[] = [...sampleHits(), ...edgeHits()].map((hit) => ({
  ...hit,
  sort: [readSample(hit, '2026-05-05T12:00:00.000Z').time ?? null],
}));
const over = (hits = samples, read: QueryDeps['read'] = readSample): QueryDeps => ({
  source: memorySource({ id: 'closer', clock, hits }),
  read,
  clock,
  seal: cursorSeal(['the root key']),
});
const asking = (written: WrittenFilter = {}, tenant: string = everyTenant) => ({
  tenant,
  filter: parseFilter(written),
});
const all = async (deps: QueryDeps, question = asking()) => {
  const events = [];
  for await (const event of eachEvent(deps, question)) events.push(event);
  return events;
};
const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

describe('counts over time', () => {
  it.each<[WrittenFilter, string]>([
    [{}, everyTenant],
    [{}, 'aurora'],
    [{ q: 'event.outcome: failure or http.response.status_code >= 400' }, everyTenant],
    [{ action: 'agent_login' }, 'baltic'],
  ])('%j of %s: every event of the answer is in exactly one bucket', async (written, tenant) => {
    const deps = over();
    const question = asking(written, tenant);
    const events = await all(deps, question);
    const histogram = await countOverTime(deps, question, {});
    expect(events.length).toBeGreaterThan(0);
    expect(histogram.count).toBe(events.length);
    expect(histogram.buckets.length).toBeLessThanOrEqual(mostBuckets);
    for (const { from, count } of histogram.buckets) {
      const start = Date.parse(from);
      const inside = events.filter(({ '@timestamp': time = '' }) => {
        const ms = Date.parse(time);
        return ms >= start && ms < start + histogram.intervalSeconds * 1_000;
      });
      expect(inside.length, from).toBe(count);
    }
    expect(sum(histogram.buckets.map(({ count }) => count))).toBe(events.length);
  });

  it('choose the finest interval that makes few enough buckets', async () => {
    const deps = over(hitsFrom('2026-05-05T10:00:00.000Z', 1_000, 2_000), plainRead);
    const { intervalSeconds, buckets } = await countOverTime(deps, asking(), {});
    expect(intervalSeconds).toBe(10);
    expect(buckets).toHaveLength(200);
    expect(buckets[0]).toEqual({ from: '2026-05-05T10:00:00Z', count: 5 });
  });

  it('keep intervals that each divide the next', () => {
    intervalsSeconds.slice(1).forEach((step, at) => {
      expect(step % (intervalsSeconds[at] ?? Number.NaN)).toBe(0);
    });
  });

  it('take a given interval, unless it makes too many buckets', async () => {
    const deps = over(hitsFrom('2026-05-05T10:00:00.000Z', 1_000, 2_000), plainRead);
    expect((await countOverTime(deps, asking(), { intervalSeconds: 3_600 })).buckets).toEqual([
      { from: '2026-05-05T10:00:00Z', count: 1_000 },
    ]);
    await expect(countOverTime(deps, asking(), { intervalSeconds: 1 })).rejects.toThrow('more than 200 buckets');
  });

  it('count the values of a field in each bucket as well', async () => {
    const deps = over();
    const events = await all(deps);
    const { buckets } = await countOverTime(deps, asking(), { by: 'event.outcome', intervalSeconds: 604_800 });
    const failures = buckets.map(({ values }) => values?.['failure'] ?? 0);
    expect(sum(failures)).toBe(events.filter(({ event }) => event.outcome === 'failure').length);
    expect(sum(failures)).toBeGreaterThan(5);
  });

  describe('of a field with a value for each event', () => {
    const read: QueryDeps['read'] = (hit, at) => {
      const plain = plainRead(hit, at);
      return { ...plain, event: { ...plain.event, user: { id: `${hit._id}${'u'.repeat(80)}` } } };
    };
    const counted = async (events: number, intervalSeconds?: number) =>
      countOverTime(over(hitsFrom('2026-05-05T10:00:00.000Z', events, 50), read), asking(), {
        by: 'user.id',
        ...(intervalSeconds !== undefined && { intervalSeconds }),
      });

    it('answer at most about 1 MB', async () => {
      const text = JSON.stringify(await counted(7_500));
      expect(text.length).toBeGreaterThan(850_000);
      expect(text.length).toBeLessThan(1_020_000);
    });

    it.each([undefined, 60])('say what to do instead when they are more (interval: %s s)', async (intervalSeconds) => {
      await expect(counted(9_000, intervalSeconds)).rejects.toMatchObject({
        field: 'by',
        message: expect.stringMatching(/more than 1 MB.*top.*narrow.*longer interval/),
      });
    });

    it('count a value once for each bucket that it is in, whatever the interval was on the way', async () => {
      const few: QueryDeps['read'] = (hit, at) => {
        const plain = plainRead(hit, at);
        return { ...plain, event: { ...plain.event, user: { id: 'u'.repeat(4_000) } } };
      };
      const deps = over(hitsFrom('2026-05-05T10:00:00.000Z', 5_000, 1_000), few);
      const { buckets } = await countOverTime(deps, asking(), { by: 'user.id' });
      expect(sum(buckets.map(({ count }) => count))).toBe(5_000);
    });
  });
});

describe('the most frequent values', () => {
  it('are those of the events of the answer, the most frequent first', async () => {
    const deps = over();
    const events = await all(deps);
    const top = await topValues(deps, asking(), { field: 'user.roles', size: 1 });
    const roles = Map.groupBy(
      events.flatMap(({ user }) => [...new Set(user?.roles ?? [])]),
      (role) => role,
    );
    const counts = [...roles].map(([value, list]) => ({ value, count: list.length })).sort((a, b) => b.count - a.count);
    expect(top.values).toEqual(counts.slice(0, 1));
    expect(top).toMatchObject({
      count: events.length,
      without: events.filter(({ user }) => !user?.roles?.length).length,
      others: counts.length - 1,
    });
  });

  it('hold no body and nothing that was redacted', async () => {
    const deps = over();
    await expect(topValues(deps, asking(), { field: 'http.request.body.content', size: 10 })).rejects.toThrow(
      'may hold a body',
    );
    for (const field of ['url.full', 'url.query', 'message', 'user.email', 'closer.request', 'labels.redacted']) {
      const text = JSON.stringify(await topValues(deps, asking(), { field, size: 1_000 }));
      expect(text).not.toContain('REDACTED');
      expectNoCanary(text);
    }
  });
});

describe('a part', () => {
  it('is never given for the whole', async () => {
    const deps = over(hitsFrom('2026-05-05T10:00:00.000Z', 12_000, 10), plainRead);
    const slow: QueryDeps = {
      ...deps,
      read: (hit, at) => {
        clock.advance(5);
        return plainRead(hit, at);
      },
    };
    await expect(countOverTime(slow, asking(), {})).rejects.toThrow('could be read in time');
    expect((await countOverTime(deps, asking(), {})).count).toBe(12_000);
  });

  /** Three events an instant, each tenth of them acme's. */
  const crowd = Array.from({ length: 9_000 }, (_, n) => {
    const time = new Date(Date.parse('2026-05-05T10:00:00.000Z') + Math.floor(n / 3) * 100).toISOString();
    return aHit(`e${n}`, time, n % 10 === 0 ? 'acme' : 'other');
  });
  const atOnce = over(crowd, plainRead);
  const slowly = over(crowd, (hit, at) => {
    clock.advance(10);
    return plainRead(hit, at);
  });
  const refusal = async (question: ReturnType<typeof asking>): Promise<string> => {
    const error: unknown = await countOverTime(slowly, question, {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TooMuchAtOnce);
    return problemOf(error).detail;
  };

  it('is refused with the times to ask for instead, whose answers add up', async () => {
    const told = await refusal(asking({}, 'acme'));
    const [, read, to = '', from = ''] = / (\d+) were, .* to=(\S+), then from=(\S+),/.exec(told) ?? [];
    const [before, behind] = [
      await countOverTime(atOnce, asking({ to }, 'acme'), {}),
      await countOverTime(atOnce, asking({ from }, 'acme'), {}),
    ];
    expect(Number(read)).toBeGreaterThan(100);
    expect([Number(read), Number(read) - 1]).toContain(before.count);
    expect(before.count + behind.count).toBe(900);
  });

  it('tells nothing of the events of others', async () => {
    const nothing = await refusal(asking({}, 'nobody'));
    expect(nothing).not.toMatch(/\d/);
    expect(nothing).toContain('Ask for a shorter time');
  });
});

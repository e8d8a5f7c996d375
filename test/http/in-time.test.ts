import { describe, expect, it } from 'vitest';
import { eventsApp } from '../../shared/http/events-app.ts';
import type { Source, Walk } from '../../shared/ports/source.ts';
import { drivenClock } from '../support/driven-clock.ts';
import { httpWorld } from '../support/http-world.ts';
import { hitsFrom } from '../support/world.ts';

const startMs = Date.parse('2026-05-05T12:00:00Z');
const hits = hitsFrom('2026-05-05T08:00:00Z', 9_000, 1_000);
const never = () => new Promise<never>(() => {});

/** What an exchange of each kind takes; those that are left out take no time. */
interface Slow {
  readonly openMs?: number;
  readonly pageMs?: number;
  readonly findMs?: number;
  readonly pages?: 'lost';
  /** Never answered. */
  readonly stuck?: 'first' | 'open' | 'page' | 'close' | 'find' | 'preflight';
}

/** Asks a source that takes its time, and says when the answer was there. */
const ask = async (path: string, slow: Slow) => {
  const world = httpWorld({ hits });
  const clock = drivenClock(startMs);
  const { openMs = 0, pageMs = 0, findMs = 0, pages, stuck } = slow;
  let closed = 0;
  const wait = async (ms: number): Promise<void> => (ms > 0 ? clock.sleep(ms) : undefined);
  const slowed = (walk: Walk): Walk => ({
    ...walk,
    page: async (after, limit) => {
      await wait(pageMs);
      if (stuck === 'page') return never();
      return pages === 'lost' ? { kind: 'lost', reason: 'as asked' } : walk.page(after, Math.min(limit, 3_000));
    },
    close: async () => {
      closed += 1;
      return stuck === 'close' ? never() : walk.close();
    },
  });
  const source: Source = {
    ...world.deps.source,
    ...(stuck === 'first' && { first: never }),
    open: async (request) => {
      await wait(openMs);
      return stuck === 'open' ? never() : slowed(await world.deps.source.open(request));
    },
    find: async (id) => {
      await wait(findMs);
      return stuck === 'find' ? never() : world.deps.source.find(id);
    },
    preflight: () => (stuck === 'preflight' ? never() : world.deps.source.preflight()),
  };
  const app = eventsApp({ ...world.deps, clock, source, answers: 'whole' });
  const asked = app.request(`https://api.example.com${path}`, {
    headers: { authorization: `Bearer ${await world.key('acme')}` },
  });
  let answer: Response | undefined;
  void Promise.resolve(asked).then((response) => {
    answer = response;
  });
  while (!answer && clock.nowMs() - startMs < 60_000) await clock.pass(250);
  const tookMs = clock.nowMs() - startMs;
  // What is still under way at the source comes to its end.
  for (let more = 0; more < 100; more++) await clock.pass(250);
  return { answer, tookMs, views: world.source.openWalks(), closed };
};

const histogram = '/v1/events/histogram?from=2026-05-01';
const list = '/v1/events?from=2026-05-01';
const one = `/v1/events/${encodeURIComponent(`closer/${hits[5]?._id}`)}`;

describe('whatever the source does, an answer is there before a gateway gives up', () => {
  it.each<[string, Slow]>([
    [histogram, { openMs: 2_000, pageMs: 6_500 }],
    [histogram, { openMs: 4_000, pageMs: 6_000 }],
    [histogram, { openMs: 7_000, pageMs: 9_500 }],
    [list, { openMs: 4_000, pageMs: 5_000, pages: 'lost' }],
    [list, { pages: 'lost', stuck: 'preflight' }],
    [list, { stuck: 'first' }],
    [list, { stuck: 'open' }],
    [list, { stuck: 'page' }],
    [list, { openMs: 30_000 }],
    [histogram, { stuck: 'page' }],
    ['/v1/events/top?field=user.id', { stuck: 'open' }],
    ['/v1/actions?from=now-7d', { openMs: 5_000, stuck: 'page' }],
    [one, { stuck: 'find' }],
    [`${one}?around=3`, { findMs: 8_000, stuck: 'open' }],
    ['/v1/events/export', { stuck: 'page' }],
    [`/v1/events/export?after=${encodeURIComponent(`closer/${hits[5]?._id}`)}`, { findMs: 8_000, stuck: 'page' }],
  ])('%s of a source that is %j: 503', async (path, slow) => {
    const { answer, tookMs, views } = await ask(path, slow);
    expect(answer?.status).toBe(503);
    expect(answer?.headers.get('content-type')).toBe('application/problem+json');
    expect(tookMs).toBeLessThan(21_000);
    expect(views, 'views that are left open').toBe(0);
  });

  it('closes the view beside an answer that has come too late for it', async () => {
    const { answer, closed } = await ask(list, { openMs: 1_000, stuck: 'page' });
    expect(answer?.status).toBe(503);
    expect(closed).toBe(1);
  });

  it('does not wait for a view to close', async () => {
    const { answer, tookMs } = await ask(list, { stuck: 'close' });
    expect(answer?.status).toBe(200);
    expect(tookMs).toBeLessThan(21_000);
  });

  it('gives what was found until then, and goes on from there', async () => {
    const { answer, tookMs } = await ask(`${list}&limit=1000&user=nobody`, { pageMs: 7_000 });
    expect(tookMs).toBeLessThan(21_000);
    expect(answer?.status).toBe(200);
    expect(answer?.headers.get('sluice-next')).not.toBeNull();
  });

  it('lets a stream take longer once it has begun', async () => {
    const { deps, clock, key } = httpWorld({ hits });
    let closed = 0;
    const open: Source['open'] = async (request) => {
      const walk = await deps.source.open(request);
      return {
        ...walk,
        page: async (after, limit) => {
          clock.advance(closed === 0 ? 15_000 : 50_000);
          return walk.page(after, limit);
        },
        close: async () => {
          closed += 1;
          await walk.close();
        },
      };
    };
    const app = eventsApp({ ...deps, source: { ...deps.source, open } });
    const headers = { authorization: `Bearer ${await key('acme')}` };
    const answer = await app.request('https://api.example.com/v1/events/export', { headers });
    expect((await answer.text()).trimEnd().split('\n')).toHaveLength(hits.length);
  });
});

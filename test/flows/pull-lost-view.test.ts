import { describe, expect, it } from 'vitest';
import type { Walk } from '../../shared/ports/source.ts';
import { aWorld, hitsFrom, idsOf } from '../support/world.ts';

const hits = hitsFrom('2026-03-01T10:00:00Z', 2_500);

/** A view that leaves out one hit of its first page, as search engines have done, and is lost after it. */
const leavingOut = (walk: Walk): Walk => {
  let pages = 0;
  return {
    ...walk,
    page: async (after, limit) => {
      pages += 1;
      if (pages > 1) return { kind: 'lost', reason: 'a shard went away' };
      const page = await walk.page(after, limit);
      return page.kind === 'page' && pages === 1 ? { ...page, hits: page.hits.filter((_, at) => at !== 7) } : page;
    },
  };
};

describe('a view that is lost after it has left something out', () => {
  it('is walked again from where it began, for nobody else would miss it', async () => {
    const world = aWorld({ hits });
    let opened = 0;
    await world.pull(
      {},
      {
        open: async (request) => {
          opened += 1;
          const walk = await world.source.open(request);
          return opened === 1 ? leavingOut(walk) : walk;
        },
      },
    );
    expect((await world.journaled()).toSorted()).toEqual(idsOf(hits).toSorted());
    expect(world.pulls.at(-1)).toMatchObject({ result: 'done', journaled: hits.length });
  });

  it('happens again and again: the window stays open, and the next run brings what is missing', async () => {
    const world = aWorld({ hits });
    await world.pull({}, { open: async (request) => leavingOut(await world.source.open(request)) });
    expect(world.pulls.at(-1)).toMatchObject({ result: 'more', journaled: hits.length - 1 });
    await world.pull();
    expect((await world.journaled()).toSorted()).toEqual(idsOf(hits).toSorted());
  });
});

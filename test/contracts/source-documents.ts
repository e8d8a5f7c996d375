/** Documents for the promises of a source, and walks over them. */
import { expect } from 'vitest';
import type { Hit } from '../../shared/core/event.ts';
import { type Instant, toInstant } from '../../shared/core/instant.ts';
import type { PageCursor, Source, Walk, WalkRequest } from '../../shared/ports/source.ts';

/** One document to put into the source under test. `time` undefined: it has no time field. */
export interface SourceDocument {
  readonly id: string;
  readonly time: string | undefined;
  /** `nanos`: belongs into an index whose time field holds nanoseconds, where the source has such a thing. */
  readonly precision?: 'millis' | 'nanos';
}

export const at = (text: string): Instant => {
  const instant = toInstant(text);
  if (!instant) throw new Error(`not an instant: ${text}`);
  return instant;
};
export const between = (from: string, to: string): WalkRequest['range'] => ({ from: at(from), to: at(to) });
export const allTime = { range: between('2025-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z') } as const;

export const seconds = (count: number): readonly SourceDocument[] =>
  Array.from({ length: count }, (_, second) => ({
    id: `e${String(second).padStart(4, '0')}`,
    time: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
  }));

export const sameInstant = (
  count: number,
  time: string,
  precision: 'millis' | 'nanos' = 'millis',
): readonly SourceDocument[] => Array.from({ length: count }, (_, n) => ({ id: `t${n}`, time, precision }));

/** The same order in every run, far from sorted. */
export const shuffled = <T>(items: readonly T[]): readonly T[] =>
  items
    .map((item, n) => ({ item, rank: ((n * 7919) % 104729) % 31 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);

export const walked = async (source: Source, request: WalkRequest, limit: number): Promise<readonly Hit[]> => {
  const walk = await source.open(request);
  const hits = await pages(walk, limit);
  await walk.close();
  return hits;
};

export const pages = async (walk: Walk, limit: number): Promise<readonly Hit[]> => {
  const hits: Hit[] = [];
  let after: PageCursor | undefined;
  do {
    const page = await pageOf(walk, after, limit);
    expect(page.hits.length).toBeLessThanOrEqual(limit);
    hits.push(...page.hits);
    after = page.next;
  } while (after !== undefined);
  return hits;
};

export const pageOf = async (walk: Walk, after: PageCursor | undefined, limit: number) => {
  const page = await walk.page(after, limit);
  if (page.kind !== 'page') throw new Error(`${page.kind}: ${page.reason}`);
  return { hits: page.hits, next: page.next };
};

export const idsOf = (hits: readonly Hit[]): string[] => hits.map((hit) => hit._id);

/** A world that was pulled, and what reconcile makes of it. It is 12:00, so the watermark of the pull is 11:55. */
import { type Reconciliation, reconcilePartition } from '../../shared/core/reconcile.ts';
import type { MemorySource } from '../fakes/memory-source.ts';
import { type aHit, aWorld, hitsFrom } from './world.ts';

export type World = ReturnType<typeof aWorld>;

export const recordOf = (world: World) =>
  world.records.records().find(({ partition }) => partition === reconcilePartition)?.value as Reconciliation;

export const minutesMs = (minutes: number): number => minutes * 60_000;
export const hoursMs = (hours: number): number => hours * 3_600_000;

/** One a minute, from 9:00 to 10:59. */
export const hits = hitsFrom('2026-03-01T09:00:00.000Z', 120, 60_000);

export const pulledWorld = async (more: readonly ReturnType<typeof aHit>[] = []): Promise<World> => {
  const world = aWorld({ hits: [...hits, ...more] });
  await world.pull();
  return world;
};

/** What is asked of the source from now on. */
export const askedOf = (source: MemorySource) => {
  const requests: Parameters<MemorySource['open']>[0][] = [];
  const { open } = source;
  source.open = (request) => {
    requests.push(request);
    return open(request);
  };
  return requests;
};

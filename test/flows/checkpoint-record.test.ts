import { describe, expect, it } from 'vitest';
import { loadState } from '../../shared/flows/deliver/load-state.ts';
import { loadCheckpoint } from '../../shared/flows/pull/load-checkpoint.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';
import { aSubscription, aWorld, hitsFrom } from '../support/world.ts';

/** Somebody else's first pull comes right after the first look for a checkpoint. */
const aFirstPullInBetween = () => {
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00.000Z', 3) });
  let pulled: Promise<unknown> | undefined;
  const records: RecordStore = {
    ...world.records,
    get: async (partition, id) => {
      const found = await world.records.get(partition, id);
      if (partition === 'checkpoint') {
        pulled ??= world.pull();
        await pulled;
      }
      return found;
    },
  };
  return { ...world, records };
};

describe('a first pull that comes between two looks of another run', () => {
  it('calls no operator to the pull: it goes on from the checkpoint that is there now', async () => {
    const { journal, records, clock } = aFirstPullInBetween();
    const loaded = await loadCheckpoint({ journal: journal(), records, clock }, { kind: 'beginning' });
    expect(loaded).toMatchObject({ checkpoint: { head: 1 }, head: { seq: 1 } });
  });

  it('calls no operator to a delivery either', async () => {
    const { journal, records } = aFirstPullInBetween();
    const { state } = await loadState({ journal: journal(), records }, aSubscription());
    expect(state.cursor).toEqual({ segment: 1, index: 0 });
  });
});

import { describe, expect, it } from 'vitest';
import { aJournal } from '../mutations/a-journal.ts';
import { verified } from '../mutations/verified.ts';

describe('an intact journal', () => {
  it('has no break, whatever lost races, late, exceptional and reattributed segments left', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { files, manifests } = await aJournal(seed);
      const verdict = await verified(files);
      expect({ seed, found: verdict.break }).toEqual({ seed, found: undefined });
      expect(verdict).toMatchObject({
        segments: manifests.length,
        events: manifests.reduce((sum, { count }) => sum + count, 0),
        expired: 0,
      });
    }
  });
});

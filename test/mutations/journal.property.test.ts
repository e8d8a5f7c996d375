import { describe, expect, it } from 'vitest';
import { breakSentence } from '../../shared/core/verify/break.ts';
import { type AJournal, aJournal } from './a-journal.ts';
import { changedFiles } from './files-changed.ts';
import { forged } from './forgeries.ts';
import { randomOf } from './random.ts';
import { verified } from './verified.ts';

const mutations = 400;
const intact = 100;

/** `count` changes, each to a journal of its own seed. */
const changes = async <Change>(
  count: number,
  change: (journal: AJournal, seed: number) => Promise<Change | undefined>,
): Promise<readonly (readonly [number, Change])[]> => {
  const made: (readonly [number, Change])[] = [];
  for (let seed = 1; made.length < count; seed += 1) {
    const one = await change(await aJournal(seed), seed);
    if (one) made.push([seed, one]);
  }
  return made;
};

describe('a journal', () => {
  it(`is found intact, ${intact} different ones of them, and twice the same`, async () => {
    for (let seed = 1; seed <= intact; seed += 1) {
      const { files, manifests } = await aJournal(seed);
      const verdict = await verified(files);
      expect({ seed, break: verdict.break }).toEqual({ seed, break: undefined });
      expect(verdict).toMatchObject({ segments: manifests.length, expired: 0, changedAtSource: 0 });
      expect(verdict.events).toBe(manifests.reduce((sum, { count }) => sum + count, 0));
      expect(await verified(files)).toEqual(verdict);
    }
  });

  it(`is found broken after ${mutations} changes to its bytes, each named where it is`, async () => {
    for (const [seed, { what, files, places }] of await changes(mutations, async (journal, seed) =>
      changedFiles(journal, randomOf(-seed)),
    )) {
      const { break: found } = await verified(files);
      expect(
        found && places.includes(found.place) ? '' : `seed ${seed}: ${what}: ${found && breakSentence(found)}`,
      ).toBe('');
    }
  });

  it(`is found broken after ${mutations} forgeries sealed anew, none beyond its first changed segment`, async () => {
    for (const [seed, { what, files, witnesses, from }] of await changes(mutations, (journal, seed) =>
      forged(journal, randomOf(-seed)),
    )) {
      const { break: found } = await verified(files, { witnesses });
      expect(
        found && found.from <= from ? '' : `seed ${seed}: ${what} (${from}): ${found && breakSentence(found)}`,
      ).toBe('');
    }
  });
});

import { describe, expect, it } from 'vitest';
import { breakSentence } from '../../shared/core/verify/break.ts';
import { type AJournal, aJournal } from './a-journal.ts';
import { changedFiles } from './files-changed.ts';
import { forged } from './forgeries.ts';
import { type Random, randomOf } from './random.ts';
import { verified } from './verified.ts';

const mutations = 350;
const intact = 140;

const journals: Promise<AJournal>[] = [];
const journal = (seed: number): Promise<AJournal> => {
  journals[seed] ??= aJournal(seed);
  return journals[seed];
};

/** So many changes to journals of different seeds, each change of a seed of its own. */
const changes = async <Change>(
  change: (of: AJournal, random: Random) => Change | Promise<Change>,
): Promise<readonly (readonly [number, NonNullable<Change>])[]> => {
  const made: (readonly [number, NonNullable<Change>])[] = [];
  for (let seed = 1; made.length < mutations; seed += 1) {
    const one = await change(await journal(1 + (seed % intact)), randomOf(seed));
    if (one) made.push([seed, one]);
  }
  return made;
};

describe('a journal', { timeout: 60_000 }, () => {
  it(`is found intact, ${intact} different ones of them`, async () => {
    for (let seed = 1; seed <= intact; seed += 1) {
      const { files, manifests } = await journal(seed);
      const verdict = await verified(files);
      expect({ seed, break: verdict.break }).toEqual({ seed, break: undefined });
      expect(verdict).toMatchObject({ segments: manifests.length, expired: 0, changedAtSource: 0 });
      expect(verdict.events).toBe(manifests.reduce((sum, { count }) => sum + count, 0));
    }
  });

  it(`is found broken after ${mutations} changes to its bytes, each named where it is`, async () => {
    for (const [seed, { what, files, places, from = Number.POSITIVE_INFINITY }] of await changes(changedFiles)) {
      const { break: found } = await verified(files);
      const isNamed = found && places.includes(found.place) && found.from <= from;
      expect(isNamed ? '' : `seed ${seed}: ${what}: ${found && breakSentence(found)}`).toBe('');
    }
  });

  it(`is found broken after ${mutations} forgeries sealed anew, none beyond its first changed segment`, async () => {
    for (const [seed, { what, files, witnesses, from }] of await changes(forged)) {
      const { break: found } = await verified(files, { witnesses });
      expect(
        found && found.from <= from ? '' : `seed ${seed}: ${what} (${from}): ${found && breakSentence(found)}`,
      ).toBe('');
    }
  });
});

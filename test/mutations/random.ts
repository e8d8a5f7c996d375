/** Chance that can be repeated: the same seed, the same choices, on every machine. */
export interface Random {
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number;
  one<Item>(of: readonly Item[]): Item;
  /** True once in `times`, on average. */
  oneIn(times: number): boolean;
}

/** The splitmix32 sequence: https://github.com/bryc/code/blob/master/jshash/PRNGs.md */
export const randomOf = (seed: number): Random => {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  return {
    below,
    one: (of) => {
      const chosen = of[below(of.length)];
      if (chosen === undefined) throw new Error('there is nothing to choose from');
      return chosen;
    },
    oneIn: (times) => below(times) === 0,
  };
};

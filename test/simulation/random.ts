/** Choices that a seed repeats, on any machine. */
export interface Random {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  /** A whole number from `least` to `most`, both possible. */
  between(least: number, most: number): number;
  /** @param share how often it is true, 0 to 1 */
  chance(share: number): boolean;
  oneOf<const T>(list: readonly [T, ...T[]]): T;
}

/**
 * SplitMix with 32 bits of state: small, and good enough to choose what happens.
 * @param seed a whole number; neighbouring seeds give unrelated choices
 */
export const randomFrom = (seed: number): Random => {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (share) => next() < share,
    oneOf: ([first, ...rest]) => {
      const at = below(rest.length + 1);
      return at === 0 ? first : (rest[at - 1] ?? first);
    },
  };
};

/** Where a record is no longer as it was written: the place, what should be there, and what was found instead. */
export interface Break {
  readonly kind: /** Other bytes than were written, or fewer. */
    | 'altered'
    /** Something that later parts rely on is gone. */
    | 'missing'
    /** Something that no other part refers to, or that cannot be ours. */
    | 'inserted'
    | 'repeated'
    | 'reordered'
    /** The record ends before a place that it is known to have reached. */
    | 'cut off'
    /** Signed by an unknown key, or different from what was signed: a forger can write everything but signatures. */
    | 'not as signed';
  /** Name of the object, below the store's own place. */
  readonly place: string;
  /** Nothing from this segment (journal) or sequence (destination) on is proven. */
  readonly from: number;
  readonly expected: string;
  readonly found: string;
}

/** One sentence for people. */
export const breakSentence = ({ kind, place, from, expected, found }: Break): string =>
  `${place} (${kind}, from number ${from} on): expected ${expected}; found ${found}.`;

/** The first break that a check yields; it does not look for others. */
export const firstOf = (breaks: Iterable<Break>): Break | undefined => {
  for (const one of breaks) return one;
  return undefined;
};

/** Where a record stops being what was written: the place, what had to be there, and what was found instead. */
export interface Break {
  readonly kind: /** Other bytes than were written, cut ones too. */
    | 'altered'
    /** Something that later parts rely on is gone. */
    | 'missing'
    /** Something that nothing relies on, or that cannot be ours. */
    | 'inserted'
    | 'repeated'
    | 'reordered'
    /** The record ends before a place that it is known to have reached. */
    | 'cut off'
    /** Signed by nobody we know, or signed and not so: whoever changed the record could write everything but signatures. */
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

/** The first of the breaks that a check names, the others are not looked for. */
export const firstOf = (breaks: Iterable<Break>): Break | undefined => {
  for (const one of breaks) return one;
  return undefined;
};

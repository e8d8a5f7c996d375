import type { Manifest } from '../../core/segment.ts';
import { type Lines, lineAt } from './lines.ts';
import { recent } from './recent.ts';

/** How somebody sees the events of the journal: which of them, and as what. Of equal names views are equal. */
export interface View {
  readonly name: string;
  /** The event as it travels; `undefined` where it does not. A pure function. */
  readonly see: (line: Uint8Array, segment: Manifest) => Uint8Array | undefined;
}

/** The lines of a block through a view. */
export interface ViewedLines {
  /** What is seen of the event at this index; `undefined`: nothing. */
  at(index: number): Uint8Array | undefined;
}

/** Sum of the estimates below. */
const mostBytes = 32 * 1024 * 1024;
/** What a line that was made anew costs beside its bytes. */
const perLineBytes = 128;

/**
 * Each event is filtered and written anew once for all who have the same view, not once for each of them: those who go through the journal
 * together share the work. Lines are made when they are first asked for.
 */
export const sharedViews = (): ((of: Manifest, tenant: string, lines: Lines, view: View) => ViewedLines) => {
  const known = recent<string, Kept>({ most: mostBytes, sizeOf: ({ bytes }) => bytes });
  return (of, tenant, lines, view) => {
    const name = `${of.hash}/${tenant}/${view.name}`;
    const before = known.get(name);
    if (before) return before;
    const made = { ...viewed(of, lines, view), bytes: lines.bytes.length + lines.count * perLineBytes };
    known.set(name, made);
    return made;
  };
};

interface Kept extends ViewedLines {
  /** An upper bound where a view makes lines no longer. */
  readonly bytes: number;
}

const viewed = (of: Manifest, lines: Lines, view: View): ViewedLines => {
  /** `null`: looked at, and not wanted. */
  const seen = new Array<Uint8Array | null | undefined>(lines.count);
  return {
    at: (index) => {
      const before = seen[index];
      if (before !== undefined) return before ?? undefined;
      const made = view.see(lineAt(lines, index), of);
      seen[index] = made ?? null;
      return made;
    },
  };
};

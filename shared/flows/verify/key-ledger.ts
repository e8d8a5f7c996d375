/** Whether an event stands in the journal more than once. */
import type { EventFacts } from '../../core/verify/content-breaks.ts';
import { type DealtEntry, dealtEntries, type Scratch } from './dealt-entries.ts';

export interface LedgerEntry extends EventFacts {
  readonly seq: number;
  readonly block: (typeof blocks)[number];
}

export interface Repetition {
  /** `again`: stands there already · `owned before`: reattributed, although it was never unattributed. */
  readonly kind: 'again' | 'owned before';
  readonly key: string;
  /** Where it stood first; 0 when nowhere. */
  readonly first: number;
  readonly seq: number;
}

export interface Repetitions {
  /** The one in the smallest segment. */
  readonly first: Repetition | undefined;
  /** Events that came again with another time: their documents were changed at the source, and to us they are others. */
  readonly changedAtSource: number;
}

export interface KeyLedger {
  add(entry: LedgerEntry): void;
  flush(): Promise<void>;
  /** @param unknownUpTo the events of segments up to this one are not all known: they have expired */
  close(unknownUpTo: number): Promise<Repetitions>;
}

const blocks = ['owned', 'unowned', 'reattributed'] as const;
const reattributed = blocks.indexOf('reattributed');

export const keyLedger = (scratch: Scratch): KeyLedger => {
  const entries = dealtEntries(scratch);
  return {
    add: ({ key, seq, block, timeMs }) => entries.add({ key, number: seq, mark: blocks.indexOf(block), value: timeMs }),
    flush: entries.flush,
    close: async (unknownUpTo) => {
      let first: Repetition | undefined;
      let changedAtSource = 0;
      for await (const same of entries.groups((mark) => mark === reattributed)) {
        const found = judged(same, unknownUpTo);
        changedAtSource += found.changedAtSource;
        if (found.first && (!first || found.first.seq < first.seq)) first = found.first;
      }
      return { first, changedAtSource };
    },
  };
};

/** Once as it was pulled, and, when nobody owned it then, once more for its owner. */
const judged = (same: readonly DealtEntry[], unknownUpTo: number): Repetitions => {
  let first: Repetition | undefined;
  let changedAtSource = 0;
  const note = (kind: Repetition['kind'], { key, number: seq }: DealtEntry, earlier: number): void => {
    if (!first || seq < first.seq) first = { kind, key, first: earlier, seq };
  };
  const originals = same.filter(({ mark }) => mark !== reattributed);
  const copies = same.filter(({ mark }) => mark === reattributed);
  for (const alike of [originals, copies])
    for (const [at, entry] of alike.entries()) {
      const twin = alike.slice(0, at).find(({ value }) => Object.is(value, entry.value));
      if (twin) note('again', entry, twin.number);
      else if (at > 0) changedAtSource += 1;
    }
  for (const copy of copies) {
    if (copy.number <= unknownUpTo) continue;
    const origins = originals.filter(({ number }) => number < copy.number);
    if (origins.some(({ mark }) => blocks[mark] === 'unowned') || (origins.length === 0 && unknownUpTo > 0)) continue;
    note('owned before', copy, origins[0]?.number ?? 0);
  }
  return { first, changedAtSource };
};

/**
 * Whether an event stands in the journal more than once: exact, and linear in the number of events, however many there are. The keys are
 * dealt by their first bits to parts that are written away; a duplicate lies in the same part as the first, and one part fits in memory.
 */
import type { EventFacts } from '../../core/verify/content-breaks.ts';

/** Room for what does not fit in memory; nothing of it outlives the run. */
export interface Scratch {
  append(part: number, bytes: Uint8Array): Promise<void>;
  /** All that was appended to a part. */
  read(part: number): Promise<Uint8Array>;
}

export interface LedgerEntry extends EventFacts {
  readonly seq: number;
  readonly block: 'owned' | 'unowned' | 'reattributed';
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
  /** Writes away what is full; called between segments. */
  flush(): Promise<void>;
  /** @param unknownUpTo the events of segments up to this one are not all known: they have expired */
  close(unknownUpTo: number): Promise<Repetitions>;
}

export const ledgerParts = 256;
const keyBytes = 16;
/** Key, segment, block, time. */
const entryBytes = keyBytes + 4 + 4 + 8;
const flushAtBytes = 8 * 1024;
const blocks = ['owned', 'unowned', 'reattributed'] as const;

export const keyLedger = (scratch: Scratch): KeyLedger => {
  const parts = Array.from({ length: ledgerParts }, () => ({ buffer: Buffer.alloc(0), length: 0 }));
  const full: { readonly part: number; readonly bytes: Buffer }[] = [];

  return {
    add: ({ key, seq, block, timeMs }) => {
      const bytes = Buffer.from(key, 'base64url');
      const number = bytes[0] ?? 0;
      let part = parts[number] ?? { buffer: Buffer.alloc(0), length: 0 };
      if (part.length + entryBytes > part.buffer.length) {
        if (part.length > 0) full.push({ part: number, bytes: part.buffer.subarray(0, part.length) });
        part = { buffer: Buffer.allocUnsafeSlow(flushAtBytes), length: 0 };
        parts[number] = part;
      }
      bytes.copy(part.buffer, part.length);
      part.buffer.writeUInt32LE(seq, part.length + keyBytes);
      part.buffer.writeUInt32LE(blocks.indexOf(block), part.length + keyBytes + 4);
      part.buffer.writeDoubleLE(timeMs, part.length + keyBytes + 8);
      part.length += entryBytes;
    },
    flush: async () => {
      for (const { part, bytes } of full.splice(0)) await scratch.append(part, bytes);
    },
    close: async (unknownUpTo) => {
      for (const { part, bytes } of full.splice(0)) await scratch.append(part, bytes);
      let first: Repetition | undefined;
      let changedAtSource = 0;
      for (const [number, { buffer, length }] of parts.entries()) {
        const entries = Buffer.concat([await scratch.read(number), buffer.subarray(0, length)]);
        for (const same of groupsIn(entries)) {
          const found = judged(same, unknownUpTo);
          changedAtSource += found.changedAtSource;
          if (found.first && (!first || found.first.seq < first.seq)) first = found.first;
        }
      }
      return { first, changedAtSource };
    },
  };
};

interface Entry {
  readonly key: string;
  readonly seq: number;
  readonly block: (typeof blocks)[number];
  readonly timeMs: number;
}

/** The entries of each key that was reattributed or has more than one, in the order of their segments. */
function* groupsIn(entries: Buffer): Generator<readonly Entry[]> {
  const order = new Uint32Array(entries.length / entryBytes).map((_, at) => at * entryBytes);
  order.sort((a, b) => compareKeys(entries, a, b) || seqAt(entries, a) - seqAt(entries, b));
  for (let from = 0, to = 1; from < order.length; from = to, to += 1) {
    const first = order[from] ?? 0;
    while (to < order.length && compareKeys(entries, first, order[to] ?? 0) === 0) to += 1;
    if (to - from > 1 || entries.readUInt32LE(first + keyBytes + 4) === blocks.indexOf('reattributed'))
      yield [...order.subarray(from, to)].map((at) => entryAt(entries, at));
  }
}

const compareKeys = (entries: Buffer, a: number, b: number): number => {
  for (let word = 0; word < keyBytes; word += 4) {
    const difference = entries.readUInt32LE(a + word) - entries.readUInt32LE(b + word);
    if (difference !== 0) return difference;
  }
  return 0;
};

const seqAt = (entries: Buffer, at: number): number => entries.readUInt32LE(at + keyBytes);

const entryAt = (entries: Buffer, at: number): Entry => ({
  key: entries.subarray(at, at + keyBytes).toString('base64url'),
  seq: seqAt(entries, at),
  block: blocks[entries.readUInt32LE(at + keyBytes + 4)] ?? 'owned',
  timeMs: entries.readDoubleLE(at + keyBytes + 8),
});

/** Once as it was pulled, and, when nobody owned it then, once more for its owner. */
const judged = (same: readonly Entry[], unknownUpTo: number): Repetitions => {
  let first: Repetition | undefined;
  let changedAtSource = 0;
  const note = (kind: Repetition['kind'], { key, seq }: Entry, earlier: number): void => {
    if (!first || seq < first.seq) first = { kind, key, first: earlier, seq };
  };
  for (const alike of [
    same.filter(({ block }) => block !== 'reattributed'),
    same.filter(({ block }) => block === 'reattributed'),
  ])
    for (const [at, entry] of alike.entries()) {
      const twin = alike.slice(0, at).find(({ timeMs }) => Object.is(timeMs, entry.timeMs));
      if (twin) note('again', entry, twin.seq);
      else if (at > 0) changedAtSource += 1;
    }
  for (const entry of same.filter(({ block, seq }) => block === 'reattributed' && seq > unknownUpTo)) {
    const origins = same.filter(({ block, seq }) => block !== 'reattributed' && seq < entry.seq);
    if (origins.some(({ block }) => block === 'unowned') || (origins.length === 0 && unknownUpTo > 0)) continue;
    note('owned before', entry, origins[0]?.seq ?? 0);
  }
  return { first, changedAtSource };
};

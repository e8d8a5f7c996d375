/**
 * Finds what belongs together among more entries than fit in memory: exact, and linear in their number. They are dealt by the first byte
 * of their key to parts that are written away; entries of one key meet in the same part, and one part fits in memory.
 */

/** Room for what does not fit in memory; nothing of it outlives the run. */
export interface Scratch {
  append(part: number, bytes: Uint8Array): Promise<void>;
  /** All that was appended to a part. */
  read(part: number): Promise<Uint8Array>;
}

export interface DealtEntry {
  /** 128 bits, base64url; evenly spread, as a hash is. */
  readonly key: string;
  /** Entries of one key come in this order; below 2^32. */
  readonly number: number;
  /** Below 2^32. */
  readonly mark: number;
  readonly value: number;
}

export interface DealtEntries {
  add(entry: DealtEntry): void;
  /** Writes away what is full; called now and then. */
  flush(): Promise<void>;
  /**
   * The entries of each key that has more than one, and of those whose one entry has a mark that is `wantedAlone`. Parts come in no
   * order of numbers.
   */
  groups(wantedAlone: (mark: number) => boolean): AsyncGenerator<readonly DealtEntry[], void, void>;
}

export const scratchParts = 256;
const keyBytes = 16;
const markAt = keyBytes + 4;
const valueAt = markAt + 4;
const entryBytes = valueAt + 8;
const flushAtBytes = 8 * 1024;

export const dealtEntries = (scratch: Scratch): DealtEntries => {
  const parts = Array.from({ length: scratchParts }, () => ({ buffer: Buffer.alloc(0), length: 0 }));
  const full: { readonly part: number; readonly bytes: Buffer }[] = [];

  const flush = async (): Promise<void> => {
    for (const { part, bytes } of full.splice(0)) await scratch.append(part, bytes);
  };

  return {
    flush,
    add: ({ key, number, mark, value }) => {
      const bytes = Buffer.from(key, 'base64url');
      const place = bytes[0] ?? 0;
      let part = parts[place] ?? { buffer: Buffer.alloc(0), length: 0 };
      if (part.length + entryBytes > part.buffer.length) {
        if (part.length > 0) full.push({ part: place, bytes: part.buffer.subarray(0, part.length) });
        part = { buffer: Buffer.allocUnsafeSlow(flushAtBytes), length: 0 };
        parts[place] = part;
      }
      bytes.copy(part.buffer, part.length, 0, keyBytes);
      part.buffer.writeUInt32LE(number, part.length + keyBytes);
      part.buffer.writeUInt32LE(mark, part.length + markAt);
      part.buffer.writeDoubleLE(value, part.length + valueAt);
      part.length += entryBytes;
    },
    groups: async function* (wantedAlone) {
      await flush();
      for (const [place, { buffer, length }] of parts.entries())
        if (length > 0)
          yield* groupsIn(Buffer.concat([await scratch.read(place), buffer.subarray(0, length)]), wantedAlone);
    },
  };
};

function* groupsIn(entries: Buffer, wantedAlone: (mark: number) => boolean): Generator<readonly DealtEntry[]> {
  const order = new Uint32Array(entries.length / entryBytes).map((_, at) => at * entryBytes);
  order.sort((a, b) => compareKeys(entries, a, b) || numberAt(entries, a) - numberAt(entries, b));
  for (let from = 0, to = 1; from < order.length; from = to, to += 1) {
    const first = order[from] ?? 0;
    while (to < order.length && compareKeys(entries, first, order[to] ?? 0) === 0) to += 1;
    if (to - from > 1 || wantedAlone(entries.readUInt32LE(first + markAt)))
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

const numberAt = (entries: Buffer, at: number): number => entries.readUInt32LE(at + keyBytes);

const entryAt = (entries: Buffer, at: number): DealtEntry => ({
  key: entries.subarray(at, at + keyBytes).toString('base64url'),
  number: numberAt(entries, at),
  mark: entries.readUInt32LE(at + markAt),
  value: entries.readDoubleLE(at + valueAt),
});

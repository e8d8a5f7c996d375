import { manifestName, objectPrefix, sha256Hex } from '../../core/segment.ts';
import type { Break } from '../../core/verify/break.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { namesBeside, namesUnder } from './names.ts';

/** Objects that no manifest names: what a run left that lost its race, or that died before its manifest. */
export interface Leftovers {
  /** Those numbered up to `seq`, whose own object is `object`. */
  upTo(seq: number, object: string | undefined): Promise<Break | undefined>;
  /** Those after the last segment: only a run under way may have left one, and only under the next number. */
  after(last: number): Promise<Break | undefined>;
  readonly count: number;
}

export const leftoversOf = (store: BlobStore, source: string): Leftovers => {
  const prefix = objectPrefix(source);
  const names = namesBeside(namesUnder(store, prefix));
  const shape = /^(\d{12})-([0-9a-f]{16})\.ndjson\.gz$/;
  let count = 0;

  /** Its name is made from its content: what is not as it was left was put there. */
  const look = async (name: string, seq: number): Promise<Break | undefined> => {
    const inserted = (expected: string, found: string): Break => ({
      kind: 'inserted',
      place: name,
      from: seq,
      expected,
      found,
    });
    const [, , hash16] = shape.exec(name.slice(prefix.length)) ?? [];
    if (hash16 === undefined) return inserted('nothing of this name', 'an object');
    const bytes = await store.get(name);
    const found = bytes && sha256Hex(bytes).slice(0, 16);
    if (found !== undefined && found !== hash16) return inserted(`content of the hash ${hash16} in its name`, found);
    count += 1;
    return undefined;
  };
  const seqOf = (name: string): number => Number(shape.exec(name.slice(prefix.length))?.[1] ?? 0);
  const exists = async (seq: number): Promise<boolean> => (await store.get(manifestName(source, seq))) !== undefined;

  return {
    upTo: async (seq, object) => {
      const end = prefix + String(seq + 1).padStart(12, '0');
      for await (const name of names.take((each) => each < end)) {
        const found = name === object ? undefined : await look(name, seq);
        if (found) return found;
      }
      return undefined;
    },
    after: async (last) => {
      for await (const name of names.take(() => true)) {
        const seq = seqOf(name);
        const found = await look(name, last + 1);
        if (found) return found;
        // Appended since the manifests were listed, or the end was cut: segment n is written only when n - 1 is there.
        if (seq > last + 1 && !(await exists(seq - 1)))
          return {
            kind: 'cut off',
            place: manifestName(source, last + 1),
            from: last + 1,
            expected: `segments up to ${seq - 1}, without which ${name} would not have been written`,
            found: last === 0 ? 'no segment' : `segment ${last} as the last`,
          };
      }
      return undefined;
    },
    get count() {
      return count;
    },
  };
};

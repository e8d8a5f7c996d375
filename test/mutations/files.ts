import type { BlobStore } from '../../shared/ports/blob-store.ts';

/** The objects of a store by name: what a forger with write access sees. */
export type Files = Map<string, Uint8Array>;

/** Reads what lies there; whoever writes through it is a bug. */
export const storeOf = (files: ReadonlyMap<string, Uint8Array>): BlobStore => {
  const names = [...files.keys()].sort();
  return {
    description: 'files',
    putIfAbsent: (name) => Promise.reject(new Error(`a verifier does not write; it wrote ${name}`)),
    get: async (name, range) => {
      const bytes = files.get(name);
      return range ? bytes?.subarray(range.offset, range.offset + range.length) : bytes;
    },
    list: async (prefix, { after = '', limit }) =>
      names.filter((name) => name.startsWith(prefix) && name > after).slice(0, limit),
  };
};

import { checkBlobListing, checkBlobName, checkBlobRange } from '../../shared/adapters/blob-names.ts';
import type { BlobMetadata, BlobStore } from '../../shared/ports/blob-store.ts';
import { type Faults, faultKnobs } from './faults.ts';

type Operation = 'putIfAbsent' | 'get' | 'list';

export interface MemoryBlobStore extends BlobStore, Faults<Operation> {
  /** Somebody else takes the name of the next `putIfAbsent` first, with these bytes. */
  raceNext(bytes: Uint8Array): void;
  /** Takes an object away, as a lifecycle rule or a careless person would. */
  lose(name: string): void;
  /** All names, in byte order. */
  names(): readonly string[];
  /** Replaces an object's bytes, as bit rot or a forger would. */
  tamper(name: string, bytes: Uint8Array): void;
  metadataOf(name: string): BlobMetadata | undefined;
}

/** A BlobStore in memory, with knobs to lose answers and races. */
export const memoryBlobStore = (): MemoryBlobStore => {
  const blobs = new Map<string, { readonly bytes: Uint8Array; readonly metadata: BlobMetadata | undefined }>();
  const { knobs, call } = faultKnobs<Operation>();
  const rivals: Uint8Array[] = [];
  const names = () => [...blobs.keys()].sort();

  return {
    ...knobs,
    description: 'memory',
    raceNext: (bytes) => void rivals.push(bytes),
    lose: (name) => void blobs.delete(name),
    tamper: (name, bytes) => void blobs.set(name, { bytes, metadata: blobs.get(name)?.metadata }),
    names,
    metadataOf: (name) => blobs.get(name)?.metadata,

    putIfAbsent: async (name, bytes, metadata) => {
      checkBlobName(name);
      return call('putIfAbsent', name, () => {
        const rival = rivals.shift();
        if (rival && !blobs.has(name)) blobs.set(name, { bytes: rival, metadata: undefined });
        if (blobs.has(name)) return 'exists';
        blobs.set(name, { bytes: Uint8Array.from(bytes), metadata });
        return 'created';
      });
    },

    get: async (name, range) => {
      checkBlobName(name);
      checkBlobRange(range);
      return call('get', name, () => {
        const bytes = blobs.get(name)?.bytes;
        return range ? bytes?.slice(range.offset, range.offset + range.length) : bytes?.slice();
      });
    },

    list: async (prefix, { after = '', limit }) => {
      checkBlobListing(prefix, limit);
      return call('list', prefix, () =>
        names()
          .filter((name) => name.startsWith(prefix) && name > after)
          .slice(0, limit),
      );
    },
  };
};

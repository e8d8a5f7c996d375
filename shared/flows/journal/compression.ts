import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** How a segment's parts are packed: gzip members (RFC 1952). */
export interface Compression {
  zip(bytes: Uint8Array): Promise<Uint8Array>;
  /** @throws when the bytes are no whole gzip member, or unpack to more than `maxBytes` */
  unzip(bytes: Uint8Array, options: { readonly maxBytes: number; readonly chunkBytes: number }): Promise<Uint8Array>;
}

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/**
 * In Node's thread pool, beside the reading of the next page. Level 1: twice as fast as 6 for a fifth more bytes. Large pieces: each
 * costs a turn of the event loop.
 */
export const pooledGzip: Compression = {
  zip: (bytes) => zip(bytes, { level: 1, chunkSize: 1024 * 1024 }),
  unzip: (bytes, { maxBytes, chunkBytes }) => unzip(bytes, { maxOutputLength: maxBytes, chunkSize: chunkBytes }),
};

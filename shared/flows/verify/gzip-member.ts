import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';

/** A block is at most 8 MiB and a page by construction; more is not ours, and not worth its memory. */
const maxBytes = 256 * 1024 * 1024;
const headerBytes = 10;
const trailerBytes = 8;

/** With `info` the callback gets the engine too, which knows how much it has consumed; the types do not say so. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}
const inflate = promisify(
  inflateRaw as unknown as (
    bytes: Uint8Array,
    options: object,
    done: (error: Error | null, result: Inflated) => void,
  ) => void,
);

/**
 * What one gzip member holds, when the bytes are exactly one: `zcat` and zlib read on over a second member and over what is appended.
 * @returns a text that says what the bytes are instead
 * @see https://www.rfc-editor.org/rfc/rfc1952
 */
export const unpackMember = async (bytes: Uint8Array): Promise<Buffer | string> => {
  if (bytes.length < headerBytes + trailerBytes) return `${bytes.length} bytes, too few for gzip`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Magic number, deflate, no flags: no name and no comment is written.
  if (view.getUint32(0) !== 0x1f8b0800) return 'another header than that of a gzip member';
  const { buffer, engine } = await inflate(bytes.subarray(headerBytes), {
    info: true,
    maxOutputLength: maxBytes,
  }).catch((): Inflated => ({ buffer: Buffer.alloc(0), engine: { bytesWritten: -1 } }));
  if (engine.bytesWritten < 0) return 'a gzip member that cannot be unpacked';
  const end = headerBytes + engine.bytesWritten + trailerBytes;
  if (end !== bytes.length) return `a gzip member of ${end} bytes in a place of ${bytes.length}`;
  if (view.getUint32(end - 8, true) !== crc32(buffer)) return 'a gzip member whose CRC-32 is wrong';
  if (view.getUint32(end - 4, true) !== buffer.length % 2 ** 32) return 'a gzip member whose length is wrong';
  return buffer;
};

import { promisify } from 'node:util';
import { crc32, inflateRaw, inflateRawSync } from 'node:zlib';

/** A block is at most 8 MiB and a page by construction; more is not ours, and not worth its memory. */
const maxBytes = 256 * 1024 * 1024;
const largestPieceBytes = 32 * 1024 * 1024;
/** What is unpacked faster here than in another thread. */
const smallBytes = 16 * 1024;
const headerBytes = 10;
const trailerBytes = 8;

/** With `info` the engine comes too, which knows how much it has consumed; the types do not say so. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}
type Inflate<Result> = (bytes: Uint8Array, options: object) => Result;
const inflateHere = inflateRawSync as unknown as Inflate<Inflated>;
const inflateBeside = promisify(inflateRaw) as unknown as Inflate<Promise<Inflated>>;

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
  const unpacked = await inflated(bytes.subarray(headerBytes), view.getUint32(bytes.length - 4, true));
  if (!unpacked) return 'a gzip member that cannot be unpacked';
  const { buffer, engine } = unpacked;
  const end = headerBytes + engine.bytesWritten + trailerBytes;
  if (end !== bytes.length) return `a gzip member of ${end} bytes in a place of ${bytes.length}`;
  if (view.getUint32(end - 8, true) !== crc32(buffer)) return 'a gzip member whose CRC-32 is wrong';
  if (view.getUint32(end - 4, true) !== buffer.length % 2 ** 32) return 'a gzip member whose length is wrong';
  return buffer;
};

/** @param said the length that the member says it unpacks to: one piece then; a lie costs pieces, not memory */
const inflated = async (deflated: Uint8Array, said: number): Promise<Inflated | undefined> => {
  const options = {
    info: true,
    maxOutputLength: maxBytes,
    chunkSize: Math.min(Math.max(said + 1, 1024), largestPieceBytes),
  };
  try {
    return deflated.length < smallBytes ? inflateHere(deflated, options) : await inflateBeside(deflated, options);
  } catch {
    return undefined;
  }
};

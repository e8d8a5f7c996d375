import type { FileHandle } from 'node:fs/promises';

export interface LogLine {
  /** Position of its first byte in the file. */
  readonly offset: number;
  /** Without its line break. */
  readonly bytes: number;
  /** Valid until the next line is asked for; `undefined` when it is longer than may be held in memory. */
  readonly text: Buffer | undefined;
  /** Whether a line break ends it; the last line of a file that is being written may have none yet. */
  readonly ended: boolean;
}

const chunkBytes = 1024 * 1024;
const lineFeed = 10;
const carriageReturn = 13;

/**
 * The lines of a file from one offset (where a line begins) up to another, blank ones left out. One chunk and one line are in memory at a
 * time.
 * @param maxLineBytes longer lines are named and measured, without their text
 */
export async function* logLines(
  file: FileHandle,
  range: { readonly from: number; readonly to: number },
  maxLineBytes: number,
): AsyncGenerator<LogLine> {
  let offset = range.from;
  let length = 0;
  let held: Buffer[] = [];

  const line = (ended: boolean): LogLine | undefined => {
    const whole = length > maxLineBytes ? undefined : held.length === 1 ? held[0] : Buffer.concat(held);
    const text = whole?.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    const found = { offset, bytes: text?.length ?? length, text, ended };
    const blank = text?.every((byte) => byte === 32 || byte === 9) === true;
    offset += length + 1;
    length = 0;
    held = [];
    return blank ? undefined : found;
  };
  const take = (part: Buffer) => {
    length += part.length;
    if (length <= maxLineBytes) held.push(part);
    else held = [];
  };

  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, range.to - range.from));
  for (let position = range.from; position < range.to; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, range.to - position), position);
    if (bytesRead === 0) break; // the file became shorter since its size was read
    const read = chunk.subarray(0, bytesRead);
    let start = 0;
    for (let end = read.indexOf(lineFeed); end >= 0; end = read.indexOf(lineFeed, start)) {
      take(read.subarray(start, end));
      const found = line(true);
      if (found) yield found;
      start = end + 1;
    }
    if (start < read.length) take(Buffer.from(read.subarray(start))); // `chunk` is reused for the next read
    position += bytesRead;
  }
  const last = length > 0 ? line(false) : undefined;
  if (last) yield last;
}

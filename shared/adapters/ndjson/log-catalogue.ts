import { hash } from 'node:crypto';
import { type FileHandle, stat } from 'node:fs/promises';
import { lineHit } from './line-hit.ts';
import { type LineIndex, lineIndex } from './line-index.ts';
import { type LogFile, logFiles, touching, withFile } from './log-files.ts';
import { logLines } from './log-lines.ts';

/** A file as far as it was read: its first `length` lines. Lines that are appended later do not belong to it. */
export interface ReadFile extends LogFile {
  readonly index: LineIndex;
  readonly length: number;
}

/** How much of a file is known, and what tells a rewritten file from one that was appended to. */
interface Known {
  readonly index: LineIndex;
  readonly length: number;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
  /** Where the next line begins. */
  readonly end: number;
  readonly lastLine: { readonly offset: number; readonly bytes: number; readonly digest: string } | undefined;
}

export interface LogCatalogue {
  /** Every file as it is now. Only what was appended since the last call is read, unless a file was replaced or rewritten. */
  read(): Promise<readonly ReadFile[]>;
}

/** The position and time of every line of a log, kept in memory (24 bytes a line), because a walk sorts lines by time before it reads them. */
export const logCatalogue = (path: string, timeField: string, maxLineBytes: number): LogCatalogue => {
  let known: ReadonlyMap<string, Known> = new Map();

  const readFile = async (file: LogFile): Promise<Known> => {
    const { ino: inode, size, mtimeMs: modifiedMs } = await touching(file.path, () => stat(file.path));
    const before = known.get(file.path);
    if (before && before.inode === inode && before.size === size && before.modifiedMs === modifiedMs) return before;
    return await withFile(file.path, async (handle) => {
      const start = before && (await isContinued(handle, before, inode, size)) ? before : startOf(inode);
      return await append(handle, file, { ...start, size, modifiedMs });
    });
  };

  const append = async (handle: FileHandle, file: LogFile, start: Known): Promise<Known> => {
    let { end, lastLine } = start;
    // A reading that failed half way has left lines behind.
    start.index.truncate(start.length);
    for await (const line of logLines(handle, { from: start.end, to: start.size }, maxLineBytes)) {
      const { text, offset, bytes, ended } = line;
      const found = text && lineHit(text, { file: file.name, offset }, timeField);
      // A last line without line break is still being written, unless it is a complete JSON object already.
      if (!ended && !found?.readable) break;
      start.index.push({ offset, bytes, time: found?.time });
      end = offset + bytes + 1;
      if (text) lastLine = { offset, bytes, digest: digestOf(text) };
    }
    return { ...start, length: start.index.length, end: Math.min(end, start.size), lastLine };
  };

  let reading: Promise<readonly ReadFile[]> = Promise.resolve([]);
  const readAll = async (): Promise<readonly ReadFile[]> => {
    const files = await logFiles(path);
    const next = new Map<string, Known>();
    for (const file of files) next.set(file.path, await readFile(file));
    known = next;
    return files.flatMap((file) => {
      const now = next.get(file.path);
      return now ? [{ ...file, index: now.index, length: now.length }] : [];
    });
  };
  return {
    // One reading at a time: two walks that open together would both append the same lines.
    read: () => {
      reading = reading.then(readAll, readAll);
      return reading;
    },
  };
};

const startOf = (inode: number): Known => ({
  index: lineIndex(),
  length: 0,
  inode,
  size: 0,
  modifiedMs: 0,
  end: 0,
  lastLine: undefined,
});

/** Whether the file only grew since it was read: the same file, not shorter, and the last line known still stands there. */
const isContinued = async (handle: FileHandle, before: Known, inode: number, size: number): Promise<boolean> => {
  if (before.inode !== inode || size < before.end || before.lastLine === undefined) return false;
  const { offset, bytes, digest } = before.lastLine;
  const text = Buffer.alloc(bytes);
  const { bytesRead } = await handle.read(text, 0, bytes, offset);
  return bytesRead === bytes && digestOf(text) === digest;
};

const digestOf = (text: Buffer): string => hash('sha256', text, 'base64url');

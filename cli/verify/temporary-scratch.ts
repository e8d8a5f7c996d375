import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Scratch, scratchParts } from '../../shared/flows/verify/dealt-entries.ts';

export interface TemporaryScratch extends Scratch {
  close(): Promise<void>;
}

/**
 * Scratch space on disk, one file per part. Each file is unlinked as soon as it is open, so the system frees it however this process ends.
 * Nothing is touched before the first `append`.
 */
export const temporaryScratch = (folder = tmpdir()): TemporaryScratch => {
  let opened: Promise<readonly FileHandle[]> | undefined;
  const handleOf = async (part: number): Promise<FileHandle> => {
    opened ??= openFiles(folder);
    const handle = (await opened)[part];
    if (!handle) throw new RangeError(`there are ${scratchParts} parts, no part ${part}`);
    return handle;
  };
  return {
    append: async (part, bytes) => void (await (await handleOf(part)).appendFile(bytes)),
    read: async (part) => {
      if (!opened) return new Uint8Array();
      const handle = await handleOf(part);
      const bytes = Buffer.allocUnsafeSlow((await handle.stat()).size);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
        if (bytesRead === 0) throw new Error('a file that only this process knows became shorter');
        at += bytesRead;
      }
      return bytes;
    },
    close: async () => {
      for (const handle of (await opened) ?? []) await handle.close();
    },
  };
};

const openFiles = async (folder: string): Promise<readonly FileHandle[]> => {
  const place = await mkdtemp(join(folder, 'sluice-verify-'));
  try {
    return await Promise.all(Array.from({ length: scratchParts }, (_, part) => open(join(place, String(part)), 'ax+')));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
};

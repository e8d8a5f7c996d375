import type { FileHandle } from 'node:fs/promises';

export interface Span {
  readonly offset: number;
  readonly bytes: number;
}

/** Neighbours are read together up to this much, and across gaps of this much. */
const mostTogether = 1024 * 1024;
const widestGap = 4096;

/**
 * The bytes of each span, in the order given; spans that lie close together are read at once.
 * @returns `undefined` when the file has become too short for one of them
 */
export const readSpans = async (file: FileHandle, spans: readonly Span[]): Promise<readonly Buffer[] | undefined> => {
  const byOffset = spans.map((span, at) => ({ span, at })).sort((a, b) => a.span.offset - b.span.offset);
  const found = new Array<Buffer>(spans.length);
  for (let first = 0; first < byOffset.length; ) {
    const group = [byOffset[first]].filter((one) => one !== undefined);
    const start = group[0]?.span.offset ?? 0;
    let end = start + (group[0]?.span.bytes ?? 0);
    for (let next = byOffset[first + 1]; next; next = byOffset[first + group.length]) {
      const nextEnd = next.span.offset + next.span.bytes;
      if (next.span.offset - end > widestGap || nextEnd - start > mostTogether) break;
      group.push(next);
      end = nextEnd;
    }
    const bytes = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    if (bytesRead < bytes.length) return undefined;
    for (const { span, at } of group) found[at] = bytes.subarray(span.offset - start, span.offset - start + span.bytes);
    first += group.length;
  }
  return found;
};

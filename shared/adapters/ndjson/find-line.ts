import type { Hit } from '../../core/event.ts';
import { streamOf } from '../../core/event-key.ts';
import { beginningOfTime, endOfTime } from '../../core/instant.ts';
import { lineHit, tooLongHit } from './line-hit.ts';
import type { ReadFile } from './log-catalogue.ts';
import { withFile } from './log-files.ts';
import { logLines } from './log-lines.ts';

/** The first line with this event id, found by reading the log through: ids are not kept in memory. */
export const findLine = async (
  files: readonly ReadFile[],
  eventId: string,
  { timeField, maxLineBytes }: { readonly timeField: string; readonly maxLineBytes: number },
): Promise<Hit | undefined> => {
  for (const file of files) {
    const found = await withFile(file.path, async (handle) => {
      for await (const { offset, bytes, text } of logLines(handle, { from: 0, to: endOf(file) }, maxLineBytes)) {
        const { hit, time } = text
          ? lineHit(text, { file: file.name, offset }, timeField)
          : { hit: tooLongHit(file.name, offset, bytes), time: undefined };
        if (`${streamOf(hit._index)}/${hit._id}` === eventId)
          return time === undefined || time < beginningOfTime || time > endOfTime ? hit : { ...hit, sort: [time] };
      }
      return undefined;
    });
    if (found) return found;
  }
  return undefined;
};

const endOf = ({ index, length }: ReadFile): number =>
  length === 0 ? 0 : index.offset(length - 1) + index.bytes(length - 1);

import type { Hit } from '../../core/event.ts';
import { streamOf } from '../../core/event-key.ts';
import { beginningOfTime, endOfTime, type Instant } from '../../core/instant.ts';
import { lineHit, tooLongHit } from './line-hit.ts';
import type { ReadFile } from './log-catalogue.ts';
import { withFile } from './log-files.ts';
import { logLines } from './log-lines.ts';

/**
 * The first line with this event id, found by reading the log through: ids are not kept in memory. It is read to its end in any case, so that
 * the time it takes does not tell whether there is one, and where.
 */
export const findLine = async (
  files: readonly ReadFile[],
  eventId: string,
  { timeField, maxLineBytes }: { readonly timeField: string; readonly maxLineBytes: number },
): Promise<Hit | undefined> => {
  let found: Hit | undefined;
  for (const file of files)
    await withFile(file.path, async (handle) => {
      for await (const { offset, bytes, text } of logLines(handle, { from: 0, to: endOf(file) }, maxLineBytes)) {
        const { hit, time } = text
          ? lineHit(text, { file: file.name, offset }, timeField)
          : { hit: tooLongHit(file.name, offset, bytes), time: undefined };
        if (`${streamOf(hit._index)}/${hit._id}` === eventId) found ??= placed(hit, time);
      }
    });
  return found;
};

/** As in a walk: with its time, unless it lies outside of every range. */
const placed = (hit: Hit, time: Instant | undefined): Hit =>
  time === undefined || time < beginningOfTime || time > endOfTime ? hit : { ...hit, sort: [time] };

const endOf = ({ index, length }: ReadFile): number =>
  length === 0 ? 0 : index.offset(length - 1) + index.bytes(length - 1);

import { eventWriter, type LineFormat } from '../core/formats/write-events.ts';
import type { QueryAnswer } from '../flows/answer-query.ts';

export interface PartWriter {
  readonly contentType: string;
  /** Before the first event of all. */
  readonly head: string;
  /** The lines of one part. */
  text(part: QueryAnswer): string;
}

/** Events as lines; those that are answered whole are not written twice. */
export const partWriter = (format: LineFormat, fields: readonly string[] | undefined): PartWriter => {
  const { contentType, head, line } = eventWriter(format, fields);
  const isWritten = format === 'ndjson' && fields === undefined;
  return {
    contentType,
    head,
    text: ({ events, texts }) => (isWritten ? texts.map((text) => `${text}\n`) : events.map(line)).join(''),
  };
};

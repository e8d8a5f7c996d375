import { eventWriter, type LineFormat } from '../core/formats/write-events.ts';
import type { QueryAnswer, QueryRequest } from '../flows/answer-query.ts';

export interface PartWriter {
  readonly contentType: string;
  /** Stands before the first event of the whole export. */
  readonly head: string;
  /** Of the question, so that its parts are measured as they are written; `undefined`: as JSON. */
  readonly write: QueryRequest['write'];
  /** The lines of one part. */
  text(part: Pick<QueryAnswer, 'texts' | 'next'>): string;
}

/** Events as lines, each written once. */
export const partWriter = (format: LineFormat, fields: readonly string[] | undefined): PartWriter => {
  const { contentType, head, line } = eventWriter(format, fields);
  const isJson = format === 'ndjson' && fields === undefined;
  return {
    contentType,
    head,
    write: isJson ? undefined : line,
    text: ({ texts }) => (isJson ? texts.map((text) => `${text}\n`) : texts).join(''),
  };
};

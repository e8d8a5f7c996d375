import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { readEventQuery } from '../core/event-query.ts';
import type { WrittenFilter } from '../core/filter-parse.ts';
import { type Format, projected } from '../core/formats/write-events.ts';
import { answerQuery } from '../flows/answer-query.ts';
import type { EventRoutesDeps } from './event-routes.ts';
import { type PartWriter, partWriter } from './export-writer.ts';
import type { WithKey } from './only-with-key.ts';
import { progressOf } from './progress.ts';
import { textResponse } from './text-response.ts';

/**
 * Answers a question in the form it asks for, for the tenant of the key alone. The header `Sluice-Next` (in JSON also `next`) holds the
 * cursor of the next page, `Sluice-Progress` how far the answer has come.
 * @throws BadParameters with every mistake in the question
 */
export const answerQuestion = async (
  context: Context<WithKey>,
  deps: EventRoutesDeps,
  written: WrittenFilter,
): Promise<{ readonly response: Response; readonly next?: string }> => {
  const { tenant } = context.get('key');
  const seal = await deps.seal();
  const asked = readEventQuery(written, {
    nowMs: deps.clock.nowMs(),
    asOf: (cursor) => seal.open(tenant, cursor).asOfMs,
  });
  const { format = acceptedFormat(context), fields, ...query } = asked;
  const writer = writerOf(format, fields);
  const answer = await answerQuery(
    { ...deps, read: await deps.reader(), seal },
    { tenant, ...query, write: writer.write },
  );
  const { events, next } = answer;
  if (next !== undefined) {
    context.header('Sluice-Next', next);
    const progress = progressOf(query, events.at(-1)?.['@timestamp']);
    if (progress !== undefined) context.header('Sluice-Progress', progress);
  }
  context.header('Content-Type', writer.contentType);
  // The pages of one table, put together, are one table.
  const text = (query.cursor === undefined ? writer.head : '') + writer.text(answer);
  return {
    response: deps.answers === 'whole' ? textResponse(text, context.body(null)) : context.body(text),
    ...(next !== undefined && { next }),
  };
};

/** A JSON document holds `next`; the other forms are lines. */
const writerOf = (format: Format, fields: readonly string[] | undefined): PartWriter => {
  if (format !== 'json') return partWriter(format, fields);
  const project = projected(fields);
  return {
    contentType: 'application/json',
    head: '',
    write: fields && ((event) => JSON.stringify(project(event))),
    text: ({ texts, next }) => {
      const rest = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
      return `{"events":[${texts.join(',')}]${rest}}`;
    },
  };
};

const mediaTypes: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
};

const acceptedFormat = (context: Context): Format => {
  const supports = Object.keys(mediaTypes);
  return mediaTypes[accepts(context, { header: 'Accept', supports, default: 'application/json' })] ?? 'json';
};

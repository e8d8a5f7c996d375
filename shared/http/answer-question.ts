import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { EcsEvent } from '../core/event.ts';
import { readEventQuery } from '../core/event-query.ts';
import type { WrittenFilter } from '../core/filter-parse.ts';
import { eventWriter, type Format, projected } from '../core/formats/write-events.ts';
import { answerQuery } from '../flows/answer-query.ts';
import type { EventRoutesDeps } from './event-routes.ts';
import type { WithKey } from './only-with-key.ts';
import { progressOf } from './progress.ts';
import { textResponse } from './text-response.ts';

/**
 * Answers a question in the form it asks for, for the tenant of the key alone. What follows is named by `Sluice-Next` (and in JSON by `next`),
 * how far it has come by `Sluice-Progress`.
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
  const { events, texts, next } = await answerQuery({ ...deps, read: await deps.reader(), seal }, { tenant, ...query });
  if (next !== undefined) {
    context.header('Sluice-Next', next);
    const progress = progressOf(query, events.at(-1)?.['@timestamp']);
    if (progress !== undefined) context.header('Sluice-Progress', progress);
  }
  return {
    response: write(context, deps.answers, {
      format,
      fields,
      events,
      texts,
      next,
      isFirst: query.cursor === undefined,
    }),
    ...(next !== undefined && { next }),
  };
};

const write = (
  context: Context,
  answers: EventRoutesDeps['answers'],
  answer: {
    readonly format: Format;
    readonly fields: readonly string[] | undefined;
    readonly events: readonly EcsEvent[];
    readonly texts: readonly string[];
    readonly next: string | undefined;
    readonly isFirst: boolean;
  },
): Response => {
  const { format, fields, events, next, isFirst } = answer;
  const respond = (contentType: string, text: string): Response => {
    context.header('Content-Type', contentType);
    return answers === 'whole' ? textResponse(text, context.body(null)) : context.body(text);
  };
  // Events are not written twice: their texts are at hand where they are answered whole.
  const texts = fields === undefined ? answer.texts : events.map((event) => JSON.stringify(projected(fields)(event)));
  if (format === 'json') {
    const rest = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
    return respond('application/json', `{"events":[${texts.join(',')}]${rest}}`);
  }
  if (format === 'ndjson') return respond('application/x-ndjson', texts.map((text) => `${text}\n`).join(''));
  const writer = eventWriter(format, fields);
  // The pages of one table, put together, are one table.
  return respond(writer.contentType, (isFirst ? writer.head : '') + events.map(writer.line).join(''));
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

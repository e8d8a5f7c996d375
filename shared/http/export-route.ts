import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { BadRequest } from '../core/errors.ts';
import { everyTenant } from '../core/event.ts';
import { queryLimits } from '../core/event-query.ts';
import { type ExportQuery, readExportQuery } from '../core/export-query.ts';
import { msOf } from '../core/instant.ts';
import { problem } from '../core/problem.ts';
import type { QueryDeps } from '../flows/answer-query.ts';
import { cursorBehind } from '../flows/cursor-behind.ts';
import { eachPart } from '../flows/each-event.ts';
import { answerProblem } from './answer-problem.ts';
import { evenTime } from './even-time.ts';
import type { EventRoutesDeps } from './event-routes.ts';
import { exportStreams } from './export-stream.ts';
import { partWriter } from './export-writer.ts';
import type { WithKey } from './only-with-key.ts';
import { progressOf } from './progress.ts';
import { valuesOf } from './written-parameters.ts';

/**
 * One at a time is in memory. As many as one plain search brings, without a view; as text in a Lambda answer it stays under 6 MB. Nobody ends
 * a stream that has begun: its source may be slow.
 */
const part = { limit: queryLimits.most, maxBytes: 3 * 1_024 * 1_024, laterDeadlineMs: 120_000 } as const;

/**
 * `GET /events/export` answers a question line by line and to its end, however long: as one stream where answers can be streamed; where
 * they are passed on whole, as behind an API gateway, as parts of which each names the next in `Sluice-Next`. With `after` the export goes
 * on behind an event that the caller has.
 */
export const exportRoute = (deps: EventRoutesDeps, mayRead: MiddlewareHandler<WithKey>): Hono<WithKey> => {
  const streams = exportStreams(deps.telemetry);
  return new Hono<WithKey>().get('/events/export', mayRead, async (context) => {
    const { tenant } = context.get('key');
    const startedMs = deps.clock.nowMs();
    const parameters = new URL(context.req.url).searchParams;
    const seal = await deps.seal();
    const { after, ...query } = readExportQuery(valuesOf(parameters), {
      nowMs: startedMs,
      asOf: (cursor) => seal.open(tenant, cursor).asOfMs,
    });
    if (deps.answers === 'streamed' && streams.busy()) return tooMany(context);
    const ready = { ...deps, read: await deps.reader(), seal };
    const start =
      after === undefined ? undefined : await startBehind(ready, { tenant, ...query }, { id: after, startedMs });
    const writer = partWriter(query.format ?? acceptedLines(context), query.fields);
    const parts = eachPart(
      ready,
      { tenant, ...query, startedMs, write: writer.write, ...(start && { cursor: start.cursor }) },
      part,
    );
    // Before the headers, so that what is wrong with the question or with the source is answered as a problem.
    const { value: first } = await parts.next();
    if (!first) throw new TypeError('an answer has at least one part');
    const head = query.cursor === undefined && after === undefined ? writer.head : '';
    const { next, events } = first;
    const through = deps.answers === 'streamed' ? start?.through : events.at(-1)?.['@timestamp'];
    const progress = progressOf(query, through);
    const isHead = context.req.raw.method === 'HEAD';
    // Checked again: other exports may have begun while the first part was read.
    if (deps.answers === 'streamed' && !isHead && streams.busy()) return tooMany(context);
    context.header('Content-Type', writer.contentType);
    if (progress !== undefined && next !== undefined) context.header('Sluice-Progress', progress);
    if (isHead) return context.body(null);
    if (deps.answers === 'streamed')
      return context.body(
        streams.open({ begun: head + writer.text(first), parts, textOf: writer.text, cutOff: cutOff(context) }),
      );
    if (next !== undefined) {
      parameters.set('cursor', next);
      parameters.delete('after');
      context.header('Sluice-Next', next);
      context.header('Link', `<?${parameters}>; rel="next"`);
    }
    return context.body(head + writer.text(first));
  });
};

const tooMany = (context: Context): Response => {
  context.header('Retry-After', '30');
  const detail =
    'As many exports as can run at once are running. Ask again in half a minute, or page through GET /v1/events.';
  return answerProblem(context, problem('too-many-requests', detail));
};

/** Breaks the connection without a final answer. No error is passed to the server, which would log it a second time. */
const cutOff = (context: Context) => (): void => {
  const { outgoing } = context.env as Partial<HttpBindings>;
  if (!outgoing) throw new TypeError('an answer can be streamed only where its connection is at hand');
  outgoing.destroy();
};

const startBehind = async (
  deps: QueryDeps,
  query: Omit<ExportQuery, 'after'> & { readonly tenant: string },
  { id, startedMs }: { readonly id: string; readonly startedMs: number },
): Promise<{ readonly cursor: string; readonly through: string }> => {
  const behind = await cursorBehind(deps, query, id);
  switch (behind.kind) {
    case 'behind':
      return { cursor: behind.cursor, through: new Date(msOf(behind.time)).toISOString() };
    case 'unknown':
      if (query.tenant !== everyTenant) await evenTime(deps.clock, startedMs);
      throw new BadRequest('after', 'is the event.id of no event of yours. Take the last one that came, URL-encoded.');
    case 'timeless':
      throw new BadRequest('after', 'is an event without a readable time, which stands in no order. Take another.');
    default:
      return behind satisfies never;
  }
};

const acceptedLines = (context: Context): 'ndjson' | 'csv' =>
  accepts(context, {
    header: 'Accept',
    supports: ['application/x-ndjson', 'text/csv'],
    default: 'application/x-ndjson',
  }) === 'text/csv'
    ? 'csv'
    : 'ndjson';

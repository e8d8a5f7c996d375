import { type Command, Option } from 'commander';
import { type EcsEvent, everyTenant } from '../../shared/core/event.ts';
import { readEventQuery } from '../../shared/core/event-query.ts';
import { filterFields } from '../../shared/core/filter-parse.ts';
import { answerQuery, type QueryAnswer } from '../../shared/flows/answer-query.ts';
import { sealFrom } from '../../shared/http/seal-from.ts';
import { type CommandBuilder, type CommonOptions, command } from '../command.ts';
import type { Sluice } from '../compose.ts';
import { eventSentence } from '../event-sentence.ts';
import { withSluice } from '../with-sluice.ts';

interface QueryOptions extends CommonOptions {
  readonly ndjson?: true;
  readonly tenant: string;
  /** The question: parameters of `GET /v1/events`. */
  readonly [parameter: string]: unknown;
}

export const queryCommand: CommandBuilder = (terminal) =>
  withQuestion(command('query', 'answers a question about events, straight from the source'))
    .option('--ndjson', 'print one event per line')
    .option('--tenant <id>', 'only events of this tenant', everyTenant)
    .action(async (options: QueryOptions) => {
      const { events, next } = await withSluice(terminal, options, (sluice) => ask(sluice, options));
      if (options.json) return terminal.print(JSON.stringify(next === undefined ? { events } : { events, next }));
      for (const event of events) terminal.print(options.ndjson ? JSON.stringify(event) : eventSentence(event));
      if (events.length === 0) terminal.say('No event matches.');
      if (next !== undefined) terminal.say(`There are more: ask again with --cursor ${next}`);
    });

/** The parameters of `GET /v1/events`, as options. */
const withQuestion = (query: Command): Command => {
  for (const field of filterFields)
    query.addOption(new Option(`--${field} <values...>`, explained[field] ?? `only events of this ${field}`));
  return query
    .option('--sort <order>', 'desc: newest first, asc: oldest first', 'desc')
    .option('--limit <count>', 'most events to print, 1 to 1000', '100')
    .option('--cursor <text>', 'go on where an answer ended');
};

const explained: Readonly<Record<string, string>> = {
  from: 'not before: 2026-05-05, 2026-05-05T09:27:12Z or now-24h',
  to: 'not after, written like --from',
  user: 'only events of this user id or e-mail',
  ip: 'only events from this address or CIDR block',
  status: 'only events of this HTTP status: 404, or a class such as 4xx',
  url: 'only events whose URL contains this; * stands for any text',
};

/** A search that ends early because it took long is continued until the answer is full or complete. */
const ask = async (sluice: Sluice, options: QueryOptions): Promise<QueryAnswer> => {
  const { json: _, ndjson: __, envFile: ___, tenant, ...written } = options;
  const seal = await sealFrom(sluice.secrets)();
  const query = readEventQuery(written, {
    nowMs: sluice.clock.nowMs(),
    asOf: (cursor) => seal.open(tenant, cursor).asOfMs,
  });
  const deps = { ...sluice, seal };
  const events: EcsEvent[] = [];
  let { cursor } = query;
  do {
    const limit = query.limit - events.length;
    const answer = await answerQuery(deps, { ...query, tenant, limit, ...(cursor !== undefined && { cursor }) });
    events.push(...answer.events);
    cursor = answer.next;
  } while (cursor !== undefined && events.length < query.limit);
  return cursor === undefined ? { events } : { events, next: cursor };
};

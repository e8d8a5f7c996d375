import type { Command } from 'commander';
import { type EcsEvent, everyTenant } from '../../shared/core/event.ts';
import { readEventQuery } from '../../shared/core/event-query.ts';
import type { FilterParameter } from '../../shared/core/filter.ts';
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
    .action(async (question: string | undefined, options: QueryOptions) => {
      const written = { ...options, ...(question !== undefined && { q: question }) };
      const { events, next } = await withSluice(terminal, options, (sluice) => ask(sluice, written));
      if (options.json) return terminal.print(JSON.stringify(next === undefined ? { events } : { events, next }));
      for (const event of events) terminal.print(options.ndjson ? JSON.stringify(event) : eventSentence(event));
      if (events.length === 0) terminal.say('No event matches.');
      if (next !== undefined) terminal.say(`There are more: ask again with --cursor ${next}`);
    });

/** The filter's parameters of `GET /v1/events`, as options; several values of one mean any of them. */
const filterOptions: Readonly<Record<FilterParameter, string>> = {
  from: 'not before: 2026-05-05, 2026-05-05T09:27:12Z or now-24h',
  to: 'not after, written like --from',
  action: 'only this action, for example agent_login',
  category: 'only this ECS category, for example iam',
  kind: 'only this ECS kind, for example event',
  type: 'only this ECS type, for example change',
  outcome: 'only success, failure or unknown',
  user: 'only this user id or e-mail',
  role: 'only users with this role',
  ip: 'only from this address or CIDR block',
  method: 'only this HTTP method',
  status: 'only this HTTP status: 404, or a class such as 4xx',
  url: 'only URLs that contain this; * stands for any text',
};

const withQuestion = (query: Command): Command => {
  query.argument('[question]', 'what must hold: event.outcome: failure and not user.roles: ADMIN');
  for (const [name, meaning] of Object.entries(filterOptions)) query.option(`--${name} <values...>`, meaning);
  return query
    .option('--sort <order>', 'desc: newest first, asc: oldest first', 'desc')
    .option('--limit <count>', 'most events to print, 1 to 1000', '100')
    .option('--cursor <text>', 'go on where an answer ended');
};

/** A search that ends early because it took long is continued until the answer is full or complete. */
const ask = async (sluice: Sluice, options: QueryOptions): Promise<QueryAnswer> => {
  const { json: _, ndjson: __, envFile: ___, tenant, ...written } = options;
  const seal = await sealFrom(sluice.secrets)();
  const query = readEventQuery(written, {
    nowMs: sluice.clock.nowMs(),
    asOf: (cursor) => seal.open(tenant, cursor).asOfMs,
  });
  const deps = { ...sluice, read: await sluice.reader(), seal };
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

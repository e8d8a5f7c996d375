import { type Command, Option } from 'commander';
import { messageOf, OperatorMustFix } from '../../shared/core/errors.ts';
import { type EcsEvent, everyTenant } from '../../shared/core/event.ts';
import { readEventQuery } from '../../shared/core/event-query.ts';
import type { FilterParameter } from '../../shared/core/filter.ts';
import { eventWriter, formats, projected } from '../../shared/core/formats/write-events.ts';
import { answerQuery } from '../../shared/flows/answer-query.ts';
import { sealFrom } from '../../shared/http/seal-from.ts';
import { type CommandBuilder, type CommonOptions, command, repeatable } from '../command.ts';
import type { Sluice } from '../compose.ts';
import { checkTenant } from '../known-tenant.ts';
import { eventsTable } from '../query/events-table.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';
import { WrongUsage } from '../wrong-usage.ts';

type Form = 'table' | (typeof formats)[number];

interface QueryOptions extends CommonOptions {
  readonly ndjson?: true;
  readonly all?: true;
  readonly format?: Form;
  readonly tenant: string;
  /** The question: parameters of `GET /v1/events`. */
  readonly [parameter: string]: unknown;
}

export const queryCommand: CommandBuilder = (terminal) =>
  withQuestion(command('query', 'answers a question about events, straight from the source'))
    .addOption(
      new Option('--format <form>', 'how events are printed; in a terminal a table, in a pipe ndjson').choices([
        'table',
        ...formats,
      ]),
    )
    .option('--ndjson', 'print one event per line: --format ndjson')
    .option('--all', 'print every event to the end, whatever --limit says')
    .option('--tenant <id>', 'only events of this tenant', everyTenant)
    .action(async (question: string | undefined, options: QueryOptions) => {
      const written = { ...options, ...(question !== undefined && { q: question }) };
      const { found, next } = await withSluice(terminal, options, (sluice) => ask(sluice, written, terminal));
      if (found === 0) terminal.say('No event matches.');
      if (next !== undefined) terminal.say(`There may be more: ask again with --cursor ${next}`);
    });

/** The filter's parameters of `GET /v1/events`, as options; of several values of one option, any may match. */
const filterOptions: Readonly<Record<FilterParameter, string>> = {
  from: 'not before: 2026-05-05, 2026-05-05T09:27:12Z, now-24h or 24h',
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
  query.argument('[question]', 'what must hold, for example: event.outcome: failure and not user.roles: ADMIN');
  for (const [name, meaning] of Object.entries(filterOptions))
    query.addOption(repeatable(`--${name} <value>`, meaning));
  return query
    .option('--fields <names>', 'only these fields, with commas between them; in CSV the columns')
    .option('--sort <order>', 'desc: newest first, asc: oldest first', 'desc')
    .option('--limit <count>', 'most events to print, 1 to 1000', '100')
    .option('--cursor <text>', 'go on where an answer ended');
};

interface Asked {
  readonly found: number;
  /** The cursor of the next page; absent: nothing is left. */
  readonly next?: string;
}

/** If a search ends early because it took long, it is continued until everything asked for is printed. */
const ask = async (sluice: Sluice, options: QueryOptions, terminal: Terminal): Promise<Asked> => {
  const { json, ndjson, all, format, envFile: _, tenant, ...written } = options;
  const form: Form = json ? 'json' : ndjson ? 'ndjson' : (format ?? (terminal.interactive ? 'table' : 'ndjson'));
  if (all && (form === 'table' || form === 'json'))
    throw new WrongUsage(`--all may be more than fits into a ${form}. Add --format ndjson or --format csv.`);
  await checkTenant(sluice.directory, tenant, 'leave --tenant out for all');
  const seal = await sealFrom(sluice.secrets)();
  const question = form === 'table' ? written : { ...written, format: form };
  const query = readEventQuery(question, {
    nowMs: sluice.clock.nowMs(),
    asOf: (cursor) => seal.open(tenant, cursor).asOfMs,
  });
  const deps = { ...sluice, read: await sluice.reader(), seal, limits: { deadlineMs: patienceMs } };
  const printer = printerOf(form, query.fields, terminal, query.cursor === undefined);
  let found = 0;
  let { cursor } = query;
  do {
    const limit = all ? pageOfAll : query.limit - found;
    const answer = await answerQuery(deps, { ...query, tenant, limit, ...(cursor !== undefined && { cursor }) });
    found += answer.events.length;
    printer.take(answer.events);
    await terminal.written?.().catch(alsoFrom(cursor));
    cursor = answer.next;
    if (all && cursor !== undefined)
      terminal.say(
        `${found} events, through ${answer.events.at(-1)?.['@timestamp']}; to go on from here: --cursor ${cursor}`,
      );
  } while (cursor !== undefined && (all || found < query.limit));
  const asked = cursor === undefined ? { found } : { found, next: cursor };
  printer.end(cursor);
  return asked;
};

const pageOfAll = 1_000;
/** Longer than the source's own bounds: whoever sits in front of the terminal ends it. */
const patienceMs = 300_000;

/** Where to go on when a page was not written whole: where that page began. */
const alsoFrom =
  (cursor: string | undefined) =>
  (cause: unknown): never => {
    const again = cursor === undefined ? 'Ask again.' : `To go on behind the pages that are whole: --cursor ${cursor}`;
    throw new OperatorMustFix(`${messageOf(cause)} ${again}`, { cause });
  };

interface Printer {
  take(events: readonly EcsEvent[]): void;
  end(next: string | undefined): void;
}

/** Lines go out as they come; only a table and a JSON document wait for the end. */
const printerOf = (
  form: Form,
  fields: readonly string[] | undefined,
  { print }: Pick<Terminal, 'print'>,
  isFirst: boolean,
): Printer => {
  if (form === 'table' || form === 'json') {
    const events: EcsEvent[] = [];
    return {
      take: (more) => void events.push(...more),
      end: (next) => {
        if (form === 'json') {
          const shown = events.map(projected(fields));
          return print(JSON.stringify(next === undefined ? { events: shown } : { events: shown, next }));
        }
        if (events.length > 0) for (const line of eventsTable(events)) print(line);
      },
    };
  }
  const writer = eventWriter(form, fields);
  if (isFirst && writer.head !== '') print(withoutEnd(writer.head));
  return {
    take: (events) => {
      for (const event of events) print(withoutEnd(writer.line(event)));
    },
    end: () => {},
  };
};

/** Without the newline, which `print` adds. */
const withoutEnd = (line: string): string => line.replace(/\n$/, '');

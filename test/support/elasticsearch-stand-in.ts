import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { beginningOfTime, type Instant, minuteOf, toInstant } from '../../shared/core/instant.ts';

/**
 * Hits in the order of their time. The time of one that has none is `undefined`; those come last.
 * `text` is the JSON of a hit without its closing brace, so that a page only adds the sort values.
 */
export interface Shelf {
  readonly length: number;
  /** How many have a time. */
  readonly dated: number;
  time(n: number): Instant;
  text(n: number): string;
}

export interface StandInDocument {
  readonly index: string;
  readonly id: string;
  readonly source: unknown;
  readonly time: Instant | undefined;
}

export interface ElasticsearchStandIn {
  readonly url: string;
  /** What searches find from now on; views that are open keep what they have. */
  holds(shelf: Shelf): void;
  /** Views that were opened and not freed. */
  openViews(): number;
  stop(): Promise<void>;
}

export const shelfOf = (documents: readonly StandInDocument[]): Shelf => {
  const byTime = (a: StandInDocument, b: StandInDocument): number =>
    (a.time ?? '~') < (b.time ?? '~') ? -1 : (a.time ?? '~') > (b.time ?? '~') ? 1 : 0;
  const sorted = documents.toSorted(byTime);
  const texts = sorted.map(({ index, id, source }) =>
    JSON.stringify({ _index: index, _id: id, _score: null, _source: source }).slice(0, -1),
  );
  return {
    length: sorted.length,
    dated: sorted.filter(({ time }) => time !== undefined).length,
    time: (n) => sorted[n]?.time ?? beginningOfTime,
    text: (n) => texts[n] ?? '',
  };
};

/**
 * An Elasticsearch on a port of its own, as far as the source asks one: point in time, sorted pages, counts (by the minute too), field
 * types. It keeps hits serialised, so that it is a small part of what is measured through it.
 */
export const elasticsearchStandIn = async (
  shelf: Shelf = shelfOf([]),
  /** `authorization`: the header that is let in; everything else is answered with 401. */
  { authorization }: { readonly authorization?: string } = {},
): Promise<ElasticsearchStandIn> => {
  let current = shelf;
  let made = 0;
  const views = new Map<string, Shelf>();

  const answer = (method: string, path: string, body: Search): Answer => {
    if (path === '/') return [200, JSON.stringify({ version: { number: '9.5.3' } })];
    if (path.endsWith('/_field_caps'))
      return [200, '{"indices":["closer"],"fields":{"@timestamp":{"date":{"type":"date"}}}}'];
    if (path.endsWith('/_pit') && method === 'POST') {
      made += 1;
      views.set(`view-${made}`, current);
      return [200, JSON.stringify({ id: `view-${made}`, _shards: whole })];
    }
    if (path === '/_pit')
      return views.delete(body.id ?? '') ? [200, '{"succeeded":true}'] : [404, '{"succeeded":false}'];
    const view = body.pit ? views.get(body.pit.id) : current;
    if (!view) return [404, missingView];
    return [200, pageText(only(view, body), body)];
  };

  const server = createServer((request, response) => {
    const isLetIn = authorization === undefined || request.headers.authorization === authorization;
    void respond(
      request,
      response,
      isLetIn ? answer : () => [401, '{"error":{"type":"security_exception"},"status":401}'],
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    holds: (next) => {
      current = next;
    },
    openViews: () => views.size,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

type Answer = readonly [status: number, text: string];

/** What the source sends. */
interface Search {
  readonly id?: string;
  readonly pit?: { readonly id: string };
  readonly size?: number;
  readonly _source?: false;
  readonly aggs?: unknown;
  readonly sort?: readonly Readonly<Record<string, { readonly order?: string }>>[];
  readonly search_after?: readonly [unknown, number] | readonly [number];
  readonly query?: { readonly bool: { readonly filter?: readonly Clause[]; readonly must_not?: readonly Clause[] } };
}
interface Clause {
  readonly ids?: { readonly values: readonly string[] };
  readonly range?: Readonly<Record<string, { readonly gte?: string; readonly lte?: string }>>;
}

const whole = { total: 1, successful: 1, skipped: 0, failed: 0 };
const missingView =
  '{"error":{"type":"search_context_missing_exception","reason":"No search context found"},"status":404}';

const respond = async (
  request: IncomingMessage,
  response: ServerResponse,
  answer: (method: string, path: string, body: Search) => Answer,
): Promise<void> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body: Search = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
  const [status, text] = answer(request.method ?? '', (request.url ?? '').split('?')[0] ?? '', body);
  const bytes = Buffer.from(text);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'x-elastic-product': 'Elasticsearch',
  });
  response.end(bytes);
};

const pageText = (shelf: Shelf, { query, sort, size = 10, search_after, _source, aggs }: Search): string => {
  const outside = query?.bool.must_not !== undefined;
  const [from, to] = intervalOf(shelf, query?.bool.must_not ?? query?.bool.filter ?? []);
  if (aggs) return minutesText(shelf, from, to);
  const count = outside ? shelf.length - (to - from) : to - from;
  /** Place in the walk to place on the shelf: inside an interval, outside what lies around it. */
  const place = (n: number): number => (outside ? (n < from ? n : n + to - from) : from + n);
  const isDescending = Object.values(sort?.[0] ?? {})[0]?.order === 'desc';
  const start =
    search_after === undefined ? 0 : placeAfter(search_after, count, (n) => shelf.time(place(n)), isDescending);
  const hits: string[] = [];
  for (let n = start; n < Math.min(start + size, count); n += 1) {
    const at = place(isDescending ? count - 1 - n : n);
    const text = _source === false ? withoutSource(shelf.text(at)) : shelf.text(at);
    const values = outside ? `[${n}]` : `["${shelf.time(at)}",${n}]`;
    hits.push(sort ? `${text},"sort":${values}}` : `${text}}`);
  }
  const total = `{"value":${count},"relation":"eq"}`;
  return `{"took":1,"timed_out":false,"_shards":${JSON.stringify(whole)},"hits":{"total":${total},"hits":[${hits.join(',')}]}}`;
};

/** Every aggregation that is asked for counts by the minute. */
const minutesText = (shelf: Shelf, from: number, to: number): string => {
  const counts = new Map<string, number>();
  for (let n = from; n < to; n += 1)
    counts.set(minuteOf(shelf.time(n)), (counts.get(minuteOf(shelf.time(n))) ?? 0) + 1);
  const buckets = [...counts].map(([key_as_string, doc_count]) => ({ key_as_string, doc_count }));
  return JSON.stringify({
    took: 1,
    timed_out: false,
    _shards: whole,
    hits: { hits: [] },
    aggregations: { minutes: { buckets } },
  });
};

const withoutSource = (text: string): string => text.slice(0, text.indexOf(',"_source":'));

/**
 * The place after a cursor: its time decides, then its tie-break, as on a real server. So a time that lost its nanoseconds on the way
 * skips or repeats what a real server would skip or repeat.
 */
const placeAfter = (
  after: readonly unknown[],
  count: number,
  timeAt: (n: number) => Instant,
  isDescending: boolean,
): number => {
  const tieBreak = Number(after.at(-1));
  if (after.length === 1) return tieBreak + 1;
  const time = instant(String(after[0]));
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const its = timeAt(isDescending ? count - 1 - middle : middle);
    const isPast = its === time ? middle > tieBreak : isDescending ? its < time : its > time;
    if (isPast) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** The documents that a search names by id; all of them when it names none. */
const only = (shelf: Shelf, { query }: Search): Shelf => {
  const ids = query?.bool.filter?.find((clause) => clause.ids)?.ids?.values;
  if (!ids) return shelf;
  const places = Array.from({ length: shelf.length }, (_, n) => n).filter((n) =>
    ids.some((id) => shelf.text(n).includes(`"_id":${JSON.stringify(id)},`)),
  );
  const at = (n: number): number => places[n] ?? -1;
  return {
    length: places.length,
    dated: places.filter((place) => place < shelf.dated).length,
    time: (n) => shelf.time(at(n)),
    text: (n) => shelf.text(at(n)),
  };
};

/** The part of the dated shelf that all ranges leave; without a range the whole shelf, as of a search by id. */
const intervalOf = (shelf: Shelf, clauses: readonly Clause[]): readonly [number, number] => {
  const ranges = clauses.flatMap(({ range }) => Object.values(range ?? {}));
  if (ranges.length === 0) return [0, shelf.length];
  const firstWhere = (holds: (time: Instant) => boolean): number => {
    let low = 0;
    let high = shelf.dated;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(shelf.time(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const from = firstWhere((time) => ranges.every(({ gte }) => gte === undefined || time >= instant(gte)));
  const to = firstWhere((time) => ranges.some(({ lte }) => lte !== undefined && time > instant(lte)));
  return [Math.min(from, to), to];
};

const instant = (text: string): Instant => {
  const found = toInstant(text);
  if (!found) throw new Error(`no instant: ${text}`);
  return found;
};

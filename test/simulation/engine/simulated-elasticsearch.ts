/**
 * An Elasticsearch in memory, as far as the source asks one, with what really goes wrong there: documents that searches do not find yet,
 * views that are lost with their index, answers that lack a shard behind a 200, pages shorter than asked.
 */
import { type Instant, instantFromMs } from '../../../shared/core/instant.ts';
import type { EngineChange, EngineMishap, Traits, Written } from '../history.ts';
import { isSortable, type Placed, type Query, selects } from './clauses.ts';
import { type IndexSet, indexSet, type ShardState, shardCount } from './index-set.ts';
import { type Sort, sortedHits } from './sorting.ts';

export type EngineTraits = Pick<Traits, 'refreshMs' | 'mostHits' | 'refusedAbove' | 'unknownView'>;

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: SearchBody;
}

export interface SearchBody {
  readonly id?: string;
  readonly pit?: { readonly id: string };
  readonly query?: Query;
  readonly size?: number;
  readonly sort?: readonly Sort[];
  readonly search_after?: readonly unknown[];
  readonly _source?: boolean;
  readonly aggs?: Readonly<Record<string, Aggregation>>;
}

interface Aggregation {
  readonly date_histogram?: { readonly format?: string };
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** A document that arrived: what is true of it, whatever the engine shows. */
export interface Arrived {
  /** The index or data stream, `/`, `_id`: what it is known by, everywhere. */
  readonly event: string;
  readonly time: Instant | undefined;
  readonly visibleAtMs: number;
}

export interface SimulatedElasticsearch {
  write(document: Written, source: (time: string | undefined) => object): Arrived;
  /** Events that are gone from the engine with their index. */
  change(what: EngineChange, shard: number): readonly string[];
  answer(request: Request, mishap?: EngineMishap): Reply;
}

interface View {
  readonly content: readonly Placed[];
  lastUsedMs: number;
}

const keptAliveMs = 5 * 60_000;

export const simulatedElasticsearch = (clock: { nowMs(): number }, traits: EngineTraits): SimulatedElasticsearch => {
  const set = indexSet();
  const views = new Map<string, View>();
  let opened = 0;

  const visible = (): readonly Placed[] =>
    set.indices.flatMap((index) =>
      index.documents
        .filter(({ visibleAtMs }) => visibleAtMs <= clock.nowMs())
        .map((document) => ({ index, document })),
    );

  const viewOf = (id: string): View | undefined => {
    const view = views.get(id);
    if (!view) return undefined;
    const isWhole = view.content.every(({ index }) => set.indices.includes(index));
    if (!isWhole || clock.nowMs() - view.lastUsedMs > keptAliveMs) {
      views.delete(id);
      return undefined;
    }
    view.lastUsedMs = clock.nowMs();
    return view;
  };

  const openView = (mishap: EngineMishap | undefined): Reply => {
    const shards = shardsWith(set.shards, mishap);
    opened += 1;
    const id = `view-${opened}`;
    views.set(id, { content: visible(), lastUsedMs: clock.nowMs() });
    return { status: 200, body: { id, _shards: countsOf(set, shards) } };
  };

  const search = (body: SearchBody, content: readonly Placed[], mishap: EngineMishap | undefined): Reply => {
    const { size = 10, sort = [], query, search_after: after } = body;
    if (traits.refusedAbove > 0 && size > traits.refusedAbove)
      return refusal(400, 'illegal_argument_exception', 'Result window is too large');
    const shards = shardsWith(set.shards, mishap);
    const found = content
      .filter(({ document }) => shards[document.shard] === 'up')
      .filter((placed) => selects(query, placed));
    const page = size === 0 ? [] : sortedHits(found, sort, after).slice(0, Math.min(size, traits.mostHits));
    const hits = page
      .filter((_, at) => mishap !== 'hit left out' || at !== Math.floor(page.length / 2))
      .map(({ placed: { index, document }, values }) => ({
        _index: index.name,
        _id: document.id,
        ...(body._source !== false && { _source: JSON.parse(document.source) as unknown }),
        ...(sort.length > 0 && { sort: values }),
      }));
    return {
      status: 200,
      body: {
        timed_out: shards.includes('times out'),
        _shards: countsOf(set, shards),
        ...(shards.includes('away') && { _clusters: { total: 2, successful: 1, skipped: 1 } }),
        hits: { total: { value: found.length, relation: 'eq' }, hits: mishap === 'empty page' ? [] : hits },
        ...(body.aggs && { aggregations: perMinute(body.aggs, found) }),
      },
    };
  };

  const answerSearch = (body: SearchBody, mishap: EngineMishap | undefined): Reply => {
    if (!body.pit) return search(body, visible(), mishap);
    if (mishap === 'view lost') views.delete(body.pit.id);
    const view = viewOf(body.pit.id);
    if (view) return search(body, view.content, mishap);
    return traits.unknownView === 'missing'
      ? refusal(404, 'search_context_missing_exception', 'No search context found')
      : { status: 200, body: nothingSearched };
  };

  return {
    write: ({ id, index, time, delayMs }, source) => {
      const nowMs = clock.nowMs();
      const shard = [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0) % shardCount;
      const arrivesAtMs = nowMs + delayMs;
      const { refreshMs } = traits;
      const visibleAtMs =
        refreshMs === 0 ? arrivesAtMs : Math.ceil(arrivesAtMs / refreshMs) * refreshMs + shard * (refreshMs / 2);
      const instant = time === 'none' ? undefined : instantOfWritten(nowMs, time, index === 'nanos');
      const document = { id, source: JSON.stringify(source(textOf(instant, index === 'nanos'))), time: instant, shard };
      set.add(index, { ...document, visibleAtMs });
      return { event: `closer-${index}/${id}`, time: instant, visibleAtMs };
    },

    change: (what, shard) => {
      switch (what) {
        case 'roll over':
          set.rollOver();
          return [];
        case 'shrink':
          set.shrink();
          return [];
        case 'delete oldest':
          return set.deleteOldest()?.documents.map(({ id }) => `closer-stream/${id}`) ?? [];
        case 'restart':
          views.clear();
          return [];
        case 'shard fails':
          set.setShard(shard % shardCount, 'fails');
          return [];
        case 'shard times out':
          set.setShard(shard % shardCount, 'times out');
          return [];
        case 'cluster away':
          // The other one is of the cluster that is asked.
          set.setShard(0, 'away');
          return [];
        case 'shards return':
          for (let at = 0; at < shardCount; at += 1) set.setShard(at, 'up');
          return [];
        default:
          return what satisfies never;
      }
    },

    answer: ({ method, path, body }, mishap) => {
      if (mishap === 'status 413') return refusal(413, 'content_too_long_exception', 'too long');
      if (mishap === 'status 429') return refusal(429, 'es_rejected_execution_exception', 'queue is full');
      if (mishap === 'status 503') return refusal(503, 'unavailable_exception', 'no node answers');
      if (path === '/') return { status: 200, body: { version: { number: '9.5.3' } } };
      if (path.endsWith('/_field_caps')) return { status: 200, body: fieldCapabilities(set) };
      if (path.endsWith('/_search')) return answerSearch(body, mishap);
      if (method === 'DELETE') return { status: 200, body: { succeeded: views.delete(body.id ?? '') } };
      if (path.endsWith('/_pit')) return openView(mishap);
      throw new Error(`the simulated engine does not know ${method} ${path}`);
    },
  };
};

const refusal = (status: number, type: string, reason: string): Reply => ({
  status,
  body: { error: { root_cause: [{ type, reason }], type, reason }, status },
});

const nothingSearched = {
  timed_out: false,
  _shards: { total: 0, successful: 0, skipped: 0, failed: 0 },
  hits: { total: { value: 0, relation: 'eq' }, hits: [] },
};

/** The shards as one answer sees them. */
const shardsWith = (shards: readonly ShardState[], mishap: EngineMishap | undefined): readonly ShardState[] => {
  switch (mishap) {
    case 'shard failed':
      return ['fails', ...shards.slice(1)];
    case 'timed out':
      return ['times out', ...shards.slice(1)];
    case 'cluster skipped':
      return ['away', ...shards.slice(1)];
    default:
      return shards;
  }
};

/** A search that timed out counts all its shards as successful, and one that skipped a cluster does not count its shards. */
const countsOf = ({ indices }: IndexSet, shards: readonly ShardState[]) => {
  const total = indices.length * shards.filter((state) => state !== 'away').length;
  const failed = indices.length * shards.filter((state) => state === 'fails').length;
  return { total, successful: total - failed, skipped: 0, failed };
};

const fieldCapabilities = ({ indices }: IndexSet) => ({
  indices: indices.map(({ name }) => name),
  fields: {
    '@timestamp': {
      date: { type: 'date', indices: indices.filter(({ precision }) => precision === 'millis').map(nameOf) },
      date_nanos: { type: 'date_nanos', indices: indices.filter(({ precision }) => precision === 'nanos').map(nameOf) },
    },
  },
});

const nameOf = ({ name }: { readonly name: string }): string => name;

/** Every aggregation that is asked for is a histogram of minutes, named by minute or by instant. */
const perMinute = (aggs: Readonly<Record<string, Aggregation>>, found: readonly Placed[]) => {
  const counts = new Map<string, number>();
  for (const { document } of found) {
    if (!isSortable(document.time)) continue;
    const minute = document.time.slice(0, 16);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
  }
  const inOrder = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    Object.entries(aggs).map(([name, { date_histogram: histogram }]) => {
      const nameOfMinute = (minute: string): string =>
        histogram?.format === "uuuu-MM-dd'T'HH:mm" ? minute : `${minute}:00.000Z`;
      const buckets = inOrder.map(([minute, count]) => ({
        key: Date.parse(`${minute}:00Z`),
        key_as_string: nameOfMinute(minute),
        doc_count: count,
      }));
      return [name, { buckets }];
    }),
  );
};

const instantOfWritten = (
  nowMs: number,
  { ageMs, floorMs, nanos }: Exclude<Written['time'], 'none'>,
  hasNanos: boolean,
): Instant => {
  const ms = nowMs - ageMs;
  const instant = instantFromMs(floorMs > 0 ? Math.floor(ms / floorMs) * floorMs : ms);
  return hasNanos ? (`${instant.slice(0, 23)}${String(nanos).padStart(6, '0')}Z` as Instant) : instant;
};

/** As the vendor writes it. */
const textOf = (time: Instant | undefined, hasNanos: boolean): string | undefined =>
  time === undefined ? undefined : hasNanos ? time : `${time.slice(0, 23)}+0000`;

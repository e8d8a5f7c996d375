import type { Mistake } from './mistake.ts';

/** In how Elasticsearch is asked, and in what is believed of its answers. */
export const sourceMistakes: readonly Mistake[] = [
  {
    name: 'gt for gte',
    file: 'shared/adapters/elasticsearch/search-bodies.ts',
    find: 'gte: latest(',
    replace: 'gt: latest(',
  },
  {
    name: '_shards is ignored',
    file: 'shared/adapters/elasticsearch/answers.ts',
    find: "if (typeof total === 'number' && successful === total && failed === 0) return undefined;",
    replace: 'return undefined;',
  },
  {
    name: 'timed_out is ignored',
    file: 'shared/adapters/elasticsearch/answers.ts',
    find: "if (body['timed_out'] !== false)",
    replace: "if (body['timed_out'] === undefined)",
  },
  {
    name: 'a skipped cluster is ignored',
    file: 'shared/adapters/elasticsearch/answers.ts',
    find: "missingClusters(body['_clusters']) ?? ",
    replace: '',
  },
  {
    name: 'a search that reached no shard is believed',
    file: 'shared/adapters/elasticsearch/answers.ts',
    find: "if (total === 0) return { kind: 'nothing there', reason: 'no shard was searched' };",
    replace: 'if (total === 0) return undefined;',
  },
  {
    name: 'a short page is taken as the end',
    file: 'shared/adapters/elasticsearch/walk.ts',
    find: '(hits.length < at.limit && walked >= at.counted)',
    replace: 'hits.length < at.limit',
  },
  {
    name: 'sort values are numbers, which a double cannot hold',
    file: 'shared/adapters/elasticsearch/search-bodies.ts',
    find: "format: textOfNanoseconds,\n            numeric_type: 'date_nanos',",
    replace: "numeric_type: 'date_nanos',",
  },
  {
    name: 'milliseconds and nanoseconds are sorted as they are stored',
    file: 'shared/adapters/elasticsearch/search-bodies.ts',
    find: "            numeric_type: 'date_nanos',\n",
    replace: '',
  },
  {
    name: 'only the time is handed on to the next page, not the tie-break',
    file: 'shared/adapters/elasticsearch/walk.ts',
    find: 'next: ended ? undefined : [last.sort, walked],',
    replace: 'next: ended ? undefined : [[last.sort[0], Number.MAX_SAFE_INTEGER], walked],',
  },
  {
    name: 'a view that is lost before it is counted calls an operator',
    file: 'shared/adapters/elasticsearch/walk.ts',
    find: "if (verdict.kind === 'nothing there')\n      throw errorOf(connection.origin, settings.index, { kind: 'lost', reason: verdict.reason });",
    replace: '',
  },
];

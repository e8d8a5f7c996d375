import { RetryLater } from '../../core/errors.ts';
import { type Instant, instantFromMs, msOf } from '../../core/instant.ts';
import type { WalkRequest } from '../../ports/source.ts';
import { isJson, type Json, verdictOn } from './answers.ts';
import { errorOf } from './refusals.ts';
import { queryOf } from './search-bodies.ts';
import type { WalkSettings } from './walk-settings.ts';

type Range = WalkRequest['range'];

/** `search.max_buckets` of an old cluster; newer ones allow 65 536. A week has 10 080 minutes. */
const mostMinutes = 10_000;
const minuteMs = 60_000;

/**
 * Counts by one aggregation for every 10 000 minutes of the range; each must be whole, as a page must.
 * @throws RetryLater no whole answer; OperatorMustFix nothing matches the pattern, no permission
 * @see https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-datehistogram-aggregation
 */
export const countPerMinute = async (settings: WalkSettings, range: Range): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  for (const slice of slicesOf(range))
    for (const [minute, count] of await countSlice(settings, slice)) counts.set(minute, count);
  return counts;
};

/** Cut where minutes begin, so that no minute is counted in two halves. */
const slicesOf = ({ from, to }: Range): readonly Range[] => {
  const slices: Range[] = [];
  for (let start = from; start <= to; ) {
    const endMs = (Math.floor(msOf(start) / minuteMs) + mostMinutes) * minuteMs;
    const last = `${instantFromMs(endMs - minuteMs).slice(0, 16)}:59.999999999Z` as Instant;
    slices.push({ from: start, to: last < to ? last : to });
    start = instantFromMs(endMs);
  }
  return slices;
};

const countSlice = async (settings: WalkSettings, range: Range): Promise<readonly (readonly [string, number])[]> => {
  const { connection, index, timeField, timeouts } = settings;
  const answer = await connection.ask({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    query: { allow_partial_search_results: 'false' },
    body: {
      size: 0,
      track_total_hits: false,
      query: queryOf(timeField, { range }, []),
      aggs: {
        minutes: {
          date_histogram: { field: timeField, fixed_interval: '1m', min_doc_count: 1, format: "uuuu-MM-dd'T'HH:mm" },
        },
      },
    },
    timeoutMs: timeouts.pageMs,
  });
  const verdict =
    answer.kind === 'answer'
      ? verdictOn(answer.status, answer.body)
      : ({ kind: 'too large', reason: `the answer is longer than ${answer.maxBytes} bytes` } as const);
  if (verdict.kind !== 'whole') throw errorOf(connection.origin, index, verdict);
  return bucketsOf(verdict.body).map((bucket) => [bucket.key_as_string, bucket.doc_count]);
};

interface Bucket {
  readonly key_as_string: string;
  readonly doc_count: number;
}

const bucketsOf = (body: Json): readonly Bucket[] => {
  const minutes = isJson(body['aggregations']) ? body['aggregations']['minutes'] : undefined;
  const buckets = isJson(minutes) ? minutes['buckets'] : undefined;
  if (Array.isArray(buckets) && buckets.every(isBucket)) return buckets;
  throw new RetryLater('Elasticsearch answered an aggregation without buckets in the form it documents.');
};

const minuteShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

const isBucket = (bucket: unknown): bucket is Bucket =>
  isJson(bucket) &&
  typeof bucket['key_as_string'] === 'string' &&
  minuteShape.test(bucket['key_as_string']) &&
  Number.isSafeInteger(bucket['doc_count']);

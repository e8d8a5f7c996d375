import { type Bucket, buckets, byCount } from '../core/buckets.ts';
import { BadRequest } from '../core/errors.ts';
import type { EcsEvent } from '../core/event.ts';
import { fieldReader } from '../core/field-value.ts';
import { toInstant } from '../core/instant.ts';
import { redacted } from '../core/reading/redact.ts';
import type { QueryDeps, QueryRequest } from './answer-query.ts';
import { eachEvent } from './each-event.ts';

type Question = Omit<QueryRequest, 'sort' | 'limit' | 'cursor'>;

export interface Histogram {
  readonly intervalSeconds: number;
  readonly count: number;
  readonly buckets: readonly Bucket[];
}

export interface TopValues {
  readonly field: string;
  readonly count: number;
  /** Events that have no value there. */
  readonly without: number;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** Values there are beside those listed. */
  readonly others: number;
}

/** Nobody reads more of them, and an answer stays small. */
export const mostBuckets = 200;
/** Bounds the memory of one request. */
const mostValues = 50_000;
/** About 20 000 user ids, and all 58 actions in each of 200 buckets: what a chart can show, in an answer that every caller can take. */
export const mostValueBytes = 1_000_000;

/**
 * How many events the question accepts, over time. Exact: every event is read and redacted like those of an answer, so nothing is counted
 * that could not be shown, and no part is left out.
 * @param by a field to count the values of as well; never one that may hold a body
 * @throws BadRequest `interval` when a given one makes more than 200 buckets, `by` for a field that is not counted, or whose values, each
 * once for every bucket that it is in, are more than 1 MB
 * @throws TooMuchAtOnce when not all can be read in time: a part is never given for the whole
 */
export const countOverTime = async (
  deps: QueryDeps,
  request: Question,
  { intervalSeconds, by }: { readonly intervalSeconds?: number; readonly by?: string },
): Promise<Histogram> => {
  const counts = buckets({ most: mostBuckets, ...(intervalSeconds !== undefined && { intervalSeconds }) });
  const valuesOf = by === undefined ? () => [] : countedValues('by', by);
  let count = 0;
  for await (const event of eachEvent(deps, request)) {
    const time = toInstant(event['@timestamp'] ?? '');
    if (time === undefined) continue;
    count += 1;
    counts.add(time, valuesOf(event));
    if (by !== undefined && counts.valueBytes > mostValueBytes)
      throw new BadRequest(
        'by',
        `${by} has too many values here: they are more than 1 MB, each counted once in every bucket. Take GET /v1/events/top for the most frequent, narrow the question, or give a longer interval.`,
      );
    if (intervalSeconds !== undefined && counts.full())
      throw new BadRequest(
        'interval',
        `of ${intervalSeconds} s makes more than ${mostBuckets} buckets. Take a longer one, a shorter time, or leave it out.`,
      );
  }
  return { intervalSeconds: counts.intervalSeconds, count, buckets: counts.all() };
};

/**
 * The most frequent values of a field among the events that the question accepts; exact, as above.
 * @throws BadRequest `field` for a field that is not counted, or that has more than 50 000 values
 */
export const topValues = async (
  deps: QueryDeps,
  request: Question,
  { field, size }: { readonly field: string; readonly size: number },
): Promise<TopValues> => {
  const valuesOf = countedValues('field', field);
  const counts = new Map<string, number>();
  let count = 0;
  let without = 0;
  for await (const event of eachEvent(deps, request)) {
    count += 1;
    const values = valuesOf(event);
    if (values.length === 0) without += 1;
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > mostValues)
      throw new BadRequest('field', `${field} has more than ${mostValues} values here. Narrow the question.`);
  }
  const sorted = [...counts].sort(byCount);
  return {
    field,
    count,
    without,
    values: sorted.slice(0, size).map(([value, times]) => ({ value, count: times })),
    others: Math.max(0, sorted.length - size),
  };
};

/** Bodies are no values to be counted, and what was redacted is none. */
const countedValues = (parameter: string, field: string): ((event: EcsEvent) => readonly string[]) => {
  if (field.includes('.body'))
    throw new BadRequest(parameter, `${field} may hold a body, which is not counted. Take a field of GET /v1/fields.`);
  const read = fieldReader(field);
  return (event) => {
    const value = read(event);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const texts = values.flatMap((each) => (isShown(each) ? [String(each)] : []));
    return [...new Set(texts)];
  };
};

const isShown = (value: unknown): value is string | number | boolean =>
  (typeof value === 'string' && !value.includes(redacted)) || typeof value === 'number' || typeof value === 'boolean';

/** The order of a view, and the sort values that a hit is printed with. */
import { instantOf, isSortable, type Placed } from './clauses.ts';

export type Sort = Readonly<Record<string, SortOptions>>;

interface SortOptions {
  readonly order?: 'asc' | 'desc';
  readonly format?: string;
  readonly numeric_type?: string;
}

export interface SortedHit {
  readonly placed: Placed;
  readonly values: readonly unknown[];
}

interface Ranked extends SortedHit {
  readonly rank: readonly [bigint, number];
}

/**
 * Ranked by the field, then by the engine's own tie-break. As Elasticsearch does it: without `numeric_type` an index of milliseconds and one of
 * nanoseconds compare their bare numbers, and without `format` a value is printed as a number, which a double cannot hold.
 */
export const sortedHits = (
  found: readonly Placed[],
  sort: readonly Sort[],
  after: readonly unknown[] | undefined,
): readonly SortedHit[] => {
  const [[field = '_shard_doc', options = {}] = []] = sort.map((one) => Object.entries(one)[0] ?? []);
  const isByTime = field !== '_shard_doc';
  const sign = options.order === 'desc' ? -1 : 1;
  const ranked = found.map((placed): Ranked => {
    const { order } = placed.document;
    if (!isByTime) return { placed, rank: [0n, order], values: [order] };
    const number = numberOf(placed, options);
    return { placed, rank: [number, order], values: [printed(placed, number, options), order] };
  });
  ranked.sort((a, b) => sign * compared(a.rank, b.rank));
  if (!after) return ranked;
  const from = isByTime ? ([parsed(after[0]), Number(after[1])] as const) : ([0n, Number(after[0])] as const);
  return ranked.filter(({ rank }) => sign * compared(rank, from) > 0);
};

const compared = (a: readonly [bigint, number], b: readonly [bigint, number]): number =>
  a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1];

const nanosOf = (text: string): bigint =>
  BigInt(Date.parse(`${text.slice(0, 23)}Z`)) * 1_000_000n + BigInt(text.slice(23, 29));

const missing = 9_223_372_036_854_775_807n;

const numberOf = ({ index, document: { time } }: Placed, { numeric_type }: SortOptions): bigint => {
  if (!isSortable(time)) return missing;
  const nanos = nanosOf(time);
  return numeric_type === 'date_nanos' || index.precision === 'nanos' ? nanos : nanos / 1_000_000n;
};

const printed = ({ index, document: { time } }: Placed, number: bigint, { format }: SortOptions): unknown => {
  if (!isSortable(time)) return null;
  if (format === undefined) return Number(number);
  return index.precision === 'nanos' ? time : `${time.slice(0, 23)}Z`;
};

const parsed = (value: unknown): bigint => {
  if (typeof value === 'number') return BigInt(value);
  if (typeof value === 'string') return nanosOf(instantOf(value));
  return missing;
};

/**
 * The bodies of the searches, as values. Proven on 7.17, 8.19 and 9.5 over ties, nanoseconds, mixed mappings and closed indices.
 * @see https://www.elastic.co/docs/reference/elasticsearch/rest-apis/paginate-search-results
 */
import type { Clause } from '../../core/filter-elasticsearch.ts';
import { beginningOfTime, earliest, endOfTime, type Instant, latest } from '../../core/instant.ts';
import type { WalkRequest } from '../../ports/source.ts';

/** Prints up to nine fraction digits; a sort value as a number would pass through a double and lose them. */
const textOfNanoseconds = 'strict_date_optional_time_nanos';

/**
 * The clause that selects a walk's events.
 *
 * The range is cut to what nanoseconds can hold: with `numeric_type: date_nanos` one document beyond it fails the sort of its whole shard,
 * so such documents lie outside of every range, whatever its ends.
 * @param hint clauses that must hold as well
 */
export const queryOf = (timeField: string, request: WalkRequest, hint: readonly Clause[]): Clause => {
  const range = {
    range: {
      [timeField]: {
        gte: latest(request.range.from, beginningOfTime),
        lte: earliest(request.range.to, endOfTime),
        format: textOfNanoseconds,
      },
    },
  };
  return request.side === 'outside'
    ? { bool: { must_not: [range], filter: hint } }
    : { bool: { filter: [range, ...hint] } };
};

/**
 * The order of a walk. On a point in time the server adds a tie-break of its own, unique within the view.
 * - `numeric_type` brings `date` and `date_nanos` indices into one unit; without it their order and their printed values are wrong.
 * - `mode`: a document of several times stands at the earliest of them in either order; without it at the latest in a descending one.
 * - `unmapped_type` keeps an index without the field from failing its shards.
 * - Events outside are ordered by the tie-break alone: their times are missing, or cannot be nanoseconds.
 */
export const sortOf = (timeField: string, { side, order = 'asc' }: WalkRequest): readonly Clause[] =>
  side === 'outside'
    ? [{ _shard_doc: { order } }]
    : [
        {
          [timeField]: {
            order,
            mode: 'min',
            format: textOfNanoseconds,
            numeric_type: 'date_nanos',
            unmapped_type: 'date',
          },
        },
      ];

/**
 * Events before an instant. An index that holds milliseconds cuts the compared instant to milliseconds, with which `lt` would leave out
 * events of that millisecond. So it is `lte` with the nanosecond before `time`.
 */
export const before = (timeField: string, time: Instant): Clause => ({
  range: { [timeField]: { lte: nanosecondBefore(time), format: textOfNanoseconds } },
});

const nanosecondBefore = (time: Instant): string => {
  const fraction = Number(time.slice(20, 29));
  if (fraction > 0) return `${time.slice(0, 20)}${String(fraction - 1).padStart(9, '0')}Z`;
  const secondBefore = new Date(Date.parse(`${time.slice(0, 19)}Z`) - 1000).toISOString().slice(0, 19);
  return `${secondBefore}.999999999Z`;
};

/** The range of all events that can be sorted, of which preflight asks for one. */
export const everything: WalkRequest['range'] = { from: beginningOfTime, to: endOfTime };

import { endOfTime, type Instant, instantFromMs, msOf, toInstant } from './instant.ts';
import { readTime } from './reading/time.ts';

const written =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+ -]\d{2}(?::?\d{2})?)?)?$/i;
const relative = /^(?:now(?:-(\d{1,6})([smhdw]))?|(\d{1,6})([smhdw]))$/i;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * One end of a time range, as a person writes it: an ISO 8601 instant of any precision from the day to the millisecond (without
 * a zone it is UTC; finer digits are dropped, for answers show milliseconds), or `now`, `now-15m`, `now-24h`, `now-7d`, `now-2w`,
 * and `7d` for `now-7d`.
 *
 * `to` includes all of what it names: `2021-05-05` the whole day, `…T10:00Z` the whole minute. That is how Elasticsearch rounds
 * `lte`. A blank counts as `+`, which is what an unescaped `+02:00` becomes in a query string.
 *
 * @param nowMs absent: relative times are refused
 * @returns `undefined` if the text has none of these forms, is no date of the calendar, or lies outside 1970 to 2262
 * @see https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-range-query#missing-date-components
 */
export const parseBound = (text: string, end: 'from' | 'to', nowMs: number | undefined): Instant | undefined => {
  const ago = relative.exec(text);
  if (ago && nowMs !== undefined)
    return edgeOf(
      nowMs - Number(ago[1] ?? ago[3] ?? 0) * (unitMs[(ago[2] ?? ago[4] ?? 's').toLowerCase()] ?? 0),
      1,
      end,
    );
  const match = written.exec(text);
  if (!match) return undefined;
  const [, day, minute = '00:00', second = '00', fraction = '0', zone = 'Z'] = match;
  const first = readTime(`${day}T${minute}:${second}.${fraction}${zone.toUpperCase().replace(' ', '+')}`);
  return first && edgeOf(msOf(first), spanMs(match), end);
};

/** The length of time that a text of this precision names; at least a millisecond, which is the precision of answers. */
const spanMs = ([, , minute, second, fraction]: RegExpExecArray): number => {
  if (minute === undefined) return 86_400_000;
  if (second === undefined) return 60_000;
  return fraction === undefined ? 1_000 : 10 ** (3 - Math.min(fraction.length, 3));
};

/** The first or the last nanosecond of a span, within what can be sorted. */
const edgeOf = (startMs: number, lengthMs: number, end: 'from' | 'to'): Instant | undefined => {
  if (startMs < 0 || startMs > msOf(endOfTime)) return undefined;
  if (end === 'from') return instantFromMs(startMs);
  const last = toInstant(`${new Date(startMs + lengthMs - 1).toISOString().slice(0, 23)}999999Z`);
  return last !== undefined && last < endOfTime ? last : endOfTime;
};

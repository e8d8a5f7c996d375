/**
 * Event instants: UTC text with nanoseconds, always `YYYY-MM-DDTHH:mm:ss.nnnnnnnnnZ` (30 characters), so that comparing the
 * texts compares the instants. Event times never pass through a number: a double cannot hold nanoseconds since 1970.
 * Our own clock is epoch milliseconds (`…Ms`).
 */
declare const brand: unique symbol;
export type Instant = string & { readonly [brand]: 'Instant' };

const shape = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/**
 * The canonical form of an instant that Elasticsearch prints for `strict_date_optional_time_nanos` (0 to 9 fraction digits, always `Z`).
 * `undefined` for anything else, such as the `+292278994-…` that 7.17 prints for a missing value.
 */
export const toInstant = (text: string): Instant | undefined => {
  if (text.length === 24 && text.charCodeAt(23) === 90 && text.charCodeAt(19) === 46 && shape.test(text))
    return `${text.slice(0, 23)}000000Z` as Instant;
  const match = shape.exec(text);
  if (!match) return undefined;
  return `${match[1]}.${(match[2] ?? '').padEnd(9, '0')}Z` as Instant;
};

export const instantFromMs = (epochMs: number): Instant =>
  `${new Date(epochMs).toISOString().slice(0, 23)}000000Z` as Instant;

/** Epoch milliseconds, truncated. */
export const msOf = (instant: Instant): number => Date.parse(`${instant.slice(0, 23)}Z`);

/** The instant cut to milliseconds, as an index of milliseconds stores it. */
export const cutToMs = (instant: Instant): Instant => `${instant.slice(0, 23)}000000Z` as Instant;

/** The minute an instant lies in, `YYYY-MM-DDTHH:mm`. */
export const minuteOf = (instant: Instant): string => instant.slice(0, 16);

export const earliest = (a: Instant, b: Instant): Instant => (a < b ? a : b);
export const latest = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** The instant that `beginning` stands for: earlier ones cannot be sorted as nanoseconds (Elasticsearch `date_nanos` starts here too). */
export const beginningOfTime = '1970-01-01T00:00:00.000000000Z' as Instant;

/** The last instant that fits into 64 bits of nanoseconds: later events are outside of every range. */
export const endOfTime = '2262-04-11T23:47:16.854775807Z' as Instant;

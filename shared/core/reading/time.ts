/**
 * Event times in every form that Elasticsearch and the vendor write. Parsed here rather than by `Date.parse`, which turns 30 February
 * into 2 March, rejects `+02` and `,250`, and reads a time without a zone as local time.
 */
import { type Instant, instantFromMs, toInstant } from '../instant.ts';

const form =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** The most frequent form, with days that every month has, so that one expression checks it. */
const usual = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}(?:Z|\+0000)$/;

const lastMs = 253_402_300_799_999;
const firstMs = -62_167_219_200_000;

/**
 * The instant that a time field's value names: epoch milliseconds (a number, or 12 to 14 digits), or a date and time with or without
 * fraction (1 to 9 digits after `.` or `,`) and zone (`Z`, `+0000`, `+00:00`, `+00`; none means UTC, as in Elasticsearch). Nanoseconds are
 * kept. `undefined` if the value has none of these forms, or is no day of the calendar.
 */
export const readTime = (value: unknown): Instant | undefined => {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string' || value.length > 48) return undefined;
  if (usual.test(value)) return `${value.slice(0, 23)}000000Z` as Instant;
  const text = value.trim();
  if (/^-?\d{12,14}$/.test(text)) return fromEpoch(Number(text));
  const match = form.exec(text);
  if (!match) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    match;
  if (+hour > 23 || +minute > 59 || +second > 59 || !isDay(+year, +month, +day)) return undefined;
  const digits = fraction.length === 9 ? fraction : fraction.padEnd(9, '0');
  if (zone === 'Z' || isZero(zone)) return `${year}-${month}-${day}T${hour}:${minute}:${second}.${digits}Z` as Instant;
  const shiftMinutes = offsetMinutes(zone);
  if (shiftMinutes === undefined) return undefined;
  const utcMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - shiftMinutes * 60_000;
  if (utcMs < firstMs || utcMs > lastMs) return undefined;
  return `${new Date(utcMs).toISOString().slice(0, 19)}.${digits}Z` as Instant;
};

const fromEpoch = (ms: number): Instant | undefined =>
  ms >= firstMs && ms <= lastMs ? instantFromMs(Math.floor(ms)) : undefined;

const isZero = (zone: string): boolean => zone === '+0000' || zone === '+00:00' || zone === '+00';

/** Java's `ZoneOffset`, which Elasticsearch uses, ends at 18 hours. */
const offsetMinutes = (zone: string): number | undefined => {
  const hours = +zone.slice(1, 3);
  const minutes = +(zone.slice(3).replace(':', '') || '0');
  const total = hours * 60 + minutes;
  if (minutes > 59 || total > 18 * 60) return undefined;
  return zone.startsWith('-') ? -total : total;
};

const daysIn = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isDay = (year: number, month: number, day: number): boolean => {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (daysIn[month - 1] ?? 0) + (leap ? 1 : 0);
};

/** Whether the original says more than the instant in ISO milliseconds: finer digits, a zone other than UTC, no zone, or another notation. */
export const saysMore = (original: unknown, instant: Instant): boolean => {
  if (typeof original !== 'string') return typeof original === 'number';
  if (usual.test(original)) return false;
  if (!instant.endsWith('000000Z')) return true;
  const utc = /(?:Z|\+0000|\+00:00)$/.test(original);
  return !utc || original.slice(0, 19) !== instant.slice(0, 19);
};

/** The last of several times; `undefined` when it is one value, or when none of them can be read. */
export const lastOf = (times: unknown): Instant | undefined => {
  if (!Array.isArray(times) || times.length < 2) return undefined;
  let last: Instant | undefined;
  for (const each of times) {
    const time = readTime(each);
    if (time !== undefined && (last === undefined || time > last)) last = time;
  }
  return last;
};

/** The time field as the server formatted it for sorting; `undefined` if it is no instant, such as the year 292278994 of a missing value. */
export const sortTime = (sort: unknown): Instant | undefined => {
  const first: unknown = Array.isArray(sort) ? sort[0] : undefined;
  return typeof first === 'string' ? toInstant(first) : undefined;
};

/** A sort value in epoch milliseconds, which a server prints if no text format was asked for. */
export const sortEpoch = (sort: unknown): Instant | undefined => {
  const first: unknown = Array.isArray(sort) ? sort[0] : undefined;
  return typeof first === 'number' ? readTime(first) : undefined;
};

/**
 * What pull and reconcile must know of exceptions for ever, gathered into one object: their keys, so that an event without a time is journaled
 * once, and how far ahead they were dated. The events themselves expire with their segments.
 */
import { type Instant, toInstant } from './instant.ts';
import { isSegmentPlace, type SegmentPlace } from './reconcile.ts';

export interface ExceptionList {
  /** The last exception in it. */
  readonly upTo: SegmentPlace;
  /** Every segment of kind `exception` up to there, with its `maxTime`. */
  readonly segments: readonly (readonly [seq: number, maxTime: string | null])[];
  /** Of every event in them. */
  readonly keys: readonly string[];
}

/** How a checkpoint names a list. */
export interface ExceptionListRef {
  readonly object: string;
  /** Of the object, hex. */
  readonly sha256: string;
}

/** No lifecycle rule reaches this prefix. */
export const exceptionListPrefix = (source: string): string => `exceptions/${source}/`;
export const exceptionListName = (source: string, { seq }: SegmentPlace, sha256: string): string =>
  `${exceptionListPrefix(source)}${String(seq).padStart(12, '0')}-${sha256.slice(0, 16)}.json.gz`;

/** A run reads two objects for each exception that is in no list. */
const mostLoose = 32;
/** Far below the 30 days after which segments expire. */
const mostLooseMs = 24 * 3_600_000;

/** @param loose exceptions that are in no list, by when they were journaled, ISO 8601 */
export const isWorthListing = (loose: readonly { readonly committedAt: string }[], nowMs: number): boolean =>
  loose.length >= mostLoose || loose.some(({ committedAt }) => nowMs - Date.parse(committedAt) > mostLooseMs);

export const isExceptionListRef = (value: unknown): value is ExceptionListRef => {
  const { object, sha256 } = Object(value);
  return typeof object === 'string' && typeof sha256 === 'string';
};

/** `undefined` when the value is no such list. */
export const readExceptionList = (value: unknown): ExceptionList | undefined => {
  const list = Object(value) as Partial<ExceptionList>;
  const whole =
    isSegmentPlace(list.upTo) &&
    Array.isArray(list.segments) &&
    list.segments.every(
      ([seq, maxTime]) => Number.isSafeInteger(seq) && (maxTime === null || toInstant(maxTime) !== undefined),
    ) &&
    Array.isArray(list.keys) &&
    list.keys.every((key) => typeof key === 'string');
  return whole ? (list as ExceptionList) : undefined;
};

/** Of a list, the segments that hold an event of `time` or later. */
export const segmentsReaching = ({ segments }: ExceptionList, time: Instant): readonly number[] =>
  segments.flatMap(([seq, maxTime]) => (maxTime !== null && maxTime >= time ? [seq] : []));

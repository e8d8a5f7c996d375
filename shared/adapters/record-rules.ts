/**
 * The rules of records, in one place for every RecordStore. Breaking one is a bug of the caller, so it is a `TypeError`, thrown before
 * anything is touched.
 */
import type { RecordWrite } from '../ports/record-store.ts';

/** 100 KB: a quarter of DynamoDB's item limit of 400 KB, so that keys and growth fit beside it. */
const maxJsonBytes = 100_000;
const maxKeyBytes = 512;

/** @throws TypeError when partition or id is not 1 to 512 bytes of well-formed text */
export const checkRecordKey = (partition: string, id: string): void => {
  checkKeyPart('partition', partition);
  checkKeyPart('id', id);
};

const checkKeyPart = (what: string, text: string): void => {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > maxKeyBytes || !text.isWellFormed() || text.includes('\0'))
    throw new TypeError(
      `Record ${what} must be 1 to 512 bytes of UTF-8 without NUL; got ${JSON.stringify(text.slice(0, 80))} (${bytes} bytes).`,
    );
};

/**
 * The record's value as JSON text.
 * @throws TypeError when key, value or times break the rules, or the text is longer than 100 KB
 */
export const encodeRecord = (record: RecordWrite): string => {
  checkRecordKey(record.partition, record.id);
  checkTime(record, 'dueAtMs');
  checkTime(record, 'expiresAtMs');
  if (record.dueAtMs !== undefined && record.expiresAtMs !== undefined)
    throw new TypeError(`Record ${record.partition}/${record.id} expires, so it cannot be due as well.`);
  // `JSON.stringify` answers undefined for undefined, functions and symbols, whatever its type says.
  const json = JSON.stringify(record.value) as string | undefined;
  if (json === undefined) throw new TypeError(`Record ${record.partition}/${record.id}: the value is not JSON.`);
  const bytes = Buffer.byteLength(json);
  if (bytes > maxJsonBytes)
    throw new TypeError(
      `Record ${record.partition}/${record.id} is ${bytes} bytes as JSON; at most ${maxJsonBytes} fit.`,
    );
  return json;
};

const checkTime = (record: RecordWrite, name: 'dueAtMs' | 'expiresAtMs'): void => {
  const ms = record[name];
  if (ms !== undefined && !Number.isSafeInteger(ms))
    throw new TypeError(`Record ${record.partition}/${record.id}: ${name} must be whole milliseconds; got ${ms}.`);
};

/**
 * Epoch seconds from which a record is no longer returned. Seconds, because DynamoDB has no finer resolution and every store must behave
 * alike.
 */
export const expirySecondsOf = ({ expiresAtMs }: Pick<RecordWrite, 'expiresAtMs'>): number | undefined =>
  expiresAtMs === undefined ? undefined : Math.ceil(expiresAtMs / 1000);

/** The value in a stored text; `undefined` if the text is no JSON any more: the caller knows what the record was and how to repair it. */
export const decodeRecord = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** @throws TypeError when the version is not a whole number from 0 */
export const checkExpected = (expected: number): void => {
  if (!Number.isSafeInteger(expected) || expected < 0)
    throw new TypeError(`Expected version must be a whole number from 0; got ${expected}.`);
};

/** @throws TypeError when the limit is not from 1 to 1000 */
export const checkRecordLimit = (limit: number): void => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new TypeError(`Record limit must be a whole number from 1 to 1000; got ${limit}.`);
};

/** Order of ids: by their UTF-8 bytes, which differs from JavaScript's order beyond the Basic Multilingual Plane. */
export const compareIds = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

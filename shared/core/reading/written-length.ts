/** Tells whether writing a tree as JSON would give the text that it was parsed from, without writing it. */
import { mayHoldLongNumber } from '../exact-json.ts';

/** Stands for a length that is only known after writing; longer than any text. */
const unknown = Number.POSITIVE_INFINITY;

/**
 * Whether `text` has the length that `tree`, parsed from it, takes if it is written anew. Then the text holds no repeated key, of which
 * parsing keeps only the last value: it would make the text longer. `false` when in doubt: text with escapes, numbers with more than one
 * short spelling, numbers that became texts (these are two quotes longer than in the text).
 */
export const isAsWritten = (text: string, tree: unknown): boolean =>
  !text.includes('\\') && writtenLength(tree) === text.length && !mayHoldLongNumber(text);

/** The length of a value's JSON text if its texts need no escapes. Recurses as deep as the value. */
const writtenLength = (value: unknown): number => {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'number') return lengthOfNumber(value);
  if (typeof value === 'boolean') return value ? 4 : 5;
  if (typeof value !== 'object' || value === null) return 4;
  return Array.isArray(value) ? lengthOfList(value) : lengthOfRecord(value as Readonly<Record<string, unknown>>);
};

/** No other spelling of a whole number is shorter, unless it ends in zeros: `1e9`. */
const lengthOfNumber = (value: number): number =>
  Number.isSafeInteger(value) && (value % 1000 !== 0 || value === 0) ? String(value).length : unknown;

const lengthOfList = (list: readonly unknown[]): number => {
  let length = 2 + Math.max(0, list.length - 1);
  for (const value of list) length += writtenLength(value);
  return length;
};

const lengthOfRecord = (record: Readonly<Record<string, unknown>>): number => {
  let length = 1;
  for (const key in record) length += key.length + 4 + writtenLength(record[key]);
  return Math.max(2, length);
};

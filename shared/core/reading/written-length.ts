/** Tells, without writing it, whether a JSON text is what its tree would be written as. */

/** Longer than any text: such a tree has to be written to know. */
const unknown = Number.POSITIVE_INFINITY;

/**
 * Whether `text` is as long as `tree`, parsed from it, takes when written anew. Nothing that was said twice fits in then: the doubled
 * key of an object, of which parsing keeps the last value only, would make the text longer. `false` when in doubt: text with
 * escapes, numbers with more than one short spelling.
 */
export const isAsWritten = (text: string, tree: unknown): boolean =>
  !text.includes('\\') && writtenLength(tree) === text.length;

/** Characters of the JSON text of a value whose texts need no escapes; as deep as the value is. */
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

/** Reads single values, which the source writes in several forms. */

/** The most characters of a short field that is read. */
export const longestText = 8192;

/** The text of a text or number, or of the first element of an array; empty and overlong texts count as absent. */
export const readText = (value: unknown, longest = longestText): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'number') return String(first);
  if (typeof first !== 'string' || first === '' || first.length > longest) return undefined;
  return first;
};

/** The leading three digits of a number or text: `204`, `"204"`, `"204 No Content"`. */
export const readStatus = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 100 && value <= 999 ? value : undefined;
  const digits = /^\s*([1-9]\d{2})(?!\d)/.exec(readText(value) ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
};

const mostElements = 100;

/** The texts of an array, of one value, or of a comma list. */
export const readList = (value: unknown): readonly string[] => {
  if (value === undefined) return [];
  if (isPlainList(value)) return value;
  const elements: readonly unknown[] = Array.isArray(value) ? value.slice(0, mostElements) : [value];
  const texts: string[] = [];
  for (const element of elements) {
    const text = readText(element);
    if (text === undefined) continue;
    if (!text.includes(',')) texts.push(text.trim());
    else texts.push(...text.split(',', mostElements).map((part) => part.trim()));
  }
  return texts.filter((text) => text !== '');
};

/** The usual case: a list of texts, which is taken unchanged. */
const isPlainList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length <= mostElements &&
  value.every((element) => typeof element === 'string' && plain.test(element));

const plain = /^[\w-]{1,64}$/;

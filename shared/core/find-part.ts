/** Where a part stands in a text, at or behind a place; -1 when it does not. */
export type FindPart = (text: string, from: number) => number;

/**
 * Finds a part in time that grows with the text alone. `indexOf` is as quick for parts of up to 250 characters; of longer ones V8 prepares only
 * the last 250, and compares nearly all of the part anew at every place of a text that repeats what the part repeats, such as 900 times `a`.
 * @see Knuth, Morris, Pratt: Fast Pattern Matching in Strings, 1977
 * @see https://github.com/v8/v8/blob/main/src/strings/string-search.h (kBMMaxShift)
 */
export const findPart = (part: string): FindPart => (part.length <= longestPrepared ? indexOf(part) : linear(part));

const longestPrepared = 250;

const indexOf =
  (part: string): FindPart =>
  (text, from) =>
    text.indexOf(part, from);

const linear = (part: string): FindPart => {
  const first = part.slice(0, 1);
  const kept = keptOf(part);
  return (text, from) => {
    let length = 0;
    for (let at = from; at < text.length; at += 1) {
      if (length === 0) {
        at = text.indexOf(first, at);
        if (at < 0) return -1;
      }
      const sign = text.charCodeAt(at);
      while (length > 0 && part.charCodeAt(length) !== sign) length = kept[length - 1] ?? 0;
      if (part.charCodeAt(length) === sign) length += 1;
      if (length === part.length) return at + 1 - length;
    }
    return -1;
  };
};

/** Of each beginning of the part: how long a shorter beginning is that ends it, which need not be compared again. */
const keptOf = (part: string): Uint32Array => {
  const kept = new Uint32Array(part.length);
  let length = 0;
  for (let at = 1; at < part.length; at += 1) {
    const sign = part.charCodeAt(at);
    while (length > 0 && part.charCodeAt(length) !== sign) length = kept[length - 1] ?? 0;
    if (part.charCodeAt(length) === sign) length += 1;
    kept[at] = length;
  }
  return kept;
};

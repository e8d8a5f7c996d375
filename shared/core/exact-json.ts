/** Parsing JSON without changing its numbers: ids may be whole numbers that are larger than a double holds exactly. */

/** 2^53 has this many digits. */
const fewestDigits = 16;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/**
 * Whether a JSON text may hold a whole number beyond 2^53 - 1; in doubt `true`. A run of sixteen digits lies on every sixteenth character
 * at least once, so that only those are looked at: a regular expression takes as long as parsing does.
 */
export const mayHoldLongNumber = (text: string): boolean => {
  for (let at = fewestDigits - 1; at < text.length; at += fewestDigits) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    if (end - start >= fewestDigits && beginsNumber(text, start)) return true;
    at = end;
  }
  return false;
};

/** Whether a number may begin here: at the front of the text, or behind `:`, `,` or `[`. */
const beginsNumber = (text: string, start: number): boolean => {
  let before = text[start - 1] === '-' ? start - 2 : start - 1;
  while (before >= 0 && text.charCodeAt(before) <= 0x20) before--;
  return before < 0 || ':,['.includes(text.charAt(before));
};

/**
 * What `JSON.parse` gives, but that a whole number beyond ±(2^53 - 1) becomes the text of its digits: as a number it would lose the last
 * of them.
 * @throws SyntaxError when the text is no JSON
 */
export const parseExactly = (text: string): unknown => {
  if (!mayHoldLongNumber(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, digitsKept);
  } catch {
    // A reviver needs the stack, which a deeply nested text exceeds; parsing alone does not.
    return JSON.parse(text);
  }
};

const digitsKept = (_: string, value: unknown, context?: { readonly source?: string }): unknown => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && wholeNumber.test(source) ? source : value;
};

const wholeNumber = /^-?\d+$/;

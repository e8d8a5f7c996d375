import { BadBody } from '../core/bad-body.ts';
import type { JsonPath } from '../core/json-pointer.ts';

/** Twice the size of a subscription with 100 values for every parameter of its filter. */
export const maxBodyBytes = 65_536;

/** No body of the API is nested deeper than five. */
export const maxDepth = 32;

/**
 * The JSON in these bytes.
 * @throws BadBody not UTF-8, not JSON, too deep, or with a key that objects have a meaning of their own for
 */
export const readJson = (bytes: Uint8Array): unknown => {
  const value = parse(textOf(bytes));
  const first = firstForbidden(value);
  if (first) throw new BadBody([first]);
  return value;
};

const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BadBody([{ path: [], detail: 'is not UTF-8. Send JSON in UTF-8.' }]);
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8's message quotes a part of the text, which may hold a secret, so only the position is reported.
    const [, at] = /at position (\d+)/.exec(String(error)) ?? [];
    const place = at === undefined ? 'at its end' : `at character ${at}`;
    throw new BadBody([{ path: [], detail: `is not JSON: it goes wrong ${place}. Correct it there.` }]);
  }
};

const firstForbidden = (value: unknown, path: JsonPath = []): { path: JsonPath; detail: string } | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length >= maxDepth)
    return { path: path.slice(0, 3), detail: `is nested deeper than ${maxDepth} levels. Make it flatter.` };
  for (const [key, inner] of Object.entries(value)) {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === '__proto__') return { path: place, detail: 'is not known. Leave it out.' };
    const found = firstForbidden(inner, place);
    if (found) return found;
  }
  return undefined;
};

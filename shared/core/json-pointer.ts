/** A place in a JSON document: keys and positions from the outside in. */
export type JsonPath = readonly (string | number)[];

/** @see RFC 6901 section 3 */
export const pointerTo = (path: JsonPath): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

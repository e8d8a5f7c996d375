import { isObject, type Written } from '../../core/written.ts';

/** JSON merge patch: what is `null` goes, objects are merged, all else is replaced. @see RFC 7396 section 2 */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
};

/** Dotted names of the fields that a patch says something of; those below a list or a value are one field. */
export const patchedFields = (patch: Written, below = ''): readonly string[] =>
  Object.entries(patch).flatMap(([name, value]) =>
    isObject(value) && below === '' && (name === 'destination' || name === 'batch')
      ? patchedFields(value, `${name}.`)
      : [`${below}${name}`],
  );

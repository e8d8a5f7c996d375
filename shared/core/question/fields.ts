/** The fields that can be asked for, with what their values are. */
import ecs from '../catalogue/ecs-allowed.json' with { type: 'json' };
import { nearestName } from '../nearest-name.ts';

export type FieldKind = 'text' | 'address' | 'number' | 'time';

const kindOf = (type: string): FieldKind => {
  switch (type) {
    case 'ip':
      return 'address';
    case 'date':
      return 'time';
    case 'long':
    case 'integer':
    case 'float':
    case 'scaled_float':
      return 'number';
    default:
      return 'text';
  }
};

/** ECS 9.4 and 1.9, as far as events use them: `ecs-allowed.json`. */
const known: ReadonlyMap<string, FieldKind> = new Map(
  Object.entries(ecs.fields).map(([name, { type }]) => [name, kindOf(type)]),
);

/** Any field below these may be asked for: our own flags, and fields of the source beyond ECS. */
const openPrefixes = ['labels.', 'closer.'] as const;

/** The kind of a field's values; `undefined` if there is no such field. Names are written as in ECS, in lower case. */
export const fieldKind = (name: string): FieldKind | undefined =>
  known.get(name) ??
  (openPrefixes.some((prefix) => name.startsWith(prefix) && name.length > prefix.length) ? 'text' : undefined);

export const knownFields: readonly string[] = [...known.keys()];

/** The field that a misspelt name may mean: a name that is near, or one that ends in it (`action` is `event.action`). */
export const meantField = (written: string): string | undefined => {
  const name = written.toLowerCase();
  if (fieldKind(name) !== undefined) return name;
  return known.has(`event.${name}`)
    ? `event.${name}`
    : (knownFields.find((field) => field.endsWith(`.${name}`)) ?? nearestName(name, knownFields));
};

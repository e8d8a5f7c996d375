/** The value of a named field of an event. */
import type { EcsEvent } from './event.ts';

/**
 * Reads `user.target.id` and the like, compiled once; `undefined` where the event has no such field. Below `labels` and `closer` a name
 * with dots may be one key, so every way to split the name into keys is tried. Inherited names (`constructor`) are never found.
 */
export const fieldReader = (field: string): ((event: EcsEvent) => unknown) => {
  const path = field.split('.');
  const [first = '', second, third, ...rest] = path;
  if (first === 'labels' || first === 'closer') return (event) => anyCut(own(event, first), path, 1);
  if (second === undefined) return (event) => own(event, first);
  if (third === undefined) return (event) => own(own(event, first), second);
  return (event) => rest.reduce(own, own(own(own(event, first), second), third));
};

const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Tries the longest key first, because it is the more specific one. */
const anyCut = (value: unknown, path: readonly string[], from: number): unknown => {
  if (from === path.length) return value;
  for (let to = path.length; to > from; to -= 1) {
    const next = own(value, path.slice(from, to).join('.'));
    const found = next === undefined ? undefined : anyCut(next, path, to);
    if (found !== undefined) return found;
  }
  return undefined;
};

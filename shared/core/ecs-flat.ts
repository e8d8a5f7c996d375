/**
 * ECS nested and ECS flat, and back, without loss.
 *
 * Flat: one level, keys joined with dots. Arrays and empty objects are values and stay as they are, objects inside arrays too.
 * A dot or backslash that is part of a key itself (only keys under `closer` have one) is written `\.` or `\\`, so that it is not
 * taken for a level: `{ closer: { 'a.b': 1, c: { d: 2 } } }` is `{ 'closer.a\.b': 1, 'closer.c.d': 2 }`.
 */
import type { EcsEvent } from './event.ts';

export type FlatEvent = Readonly<Record<string, unknown>>;

type JsonRecord = Readonly<Record<string, unknown>>;

const isLevel = (value: unknown): value is JsonRecord => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const _ in value) return true;
  return false;
};

/** The event on one level, its fields in the same order. */
export const toEcsFlat = (event: EcsEvent): FlatEvent => {
  const flat: Record<string, unknown> = {};
  flatten(event as unknown as JsonRecord, '', flat);
  return flat;
};

const flatten = (level: JsonRecord, prefix: string, flat: Record<string, unknown>): void => {
  for (const key of Object.keys(level)) {
    const value = level[key];
    if (value === undefined) continue;
    const path = prefix + escaped(key);
    if (isLevel(value)) flatten(value, `${path}.`, flat);
    else own(flat, path, value);
  }
};

/** The event that `toEcsFlat` made the flat form of. */
export const fromEcsFlat = (flat: FlatEvent): EcsEvent => {
  const event: Record<string, unknown> = {};
  for (const path of Object.keys(flat)) {
    const keys = keysOf(path);
    const last = keys.pop() ?? '';
    let level = event;
    for (const key of keys) {
      if (!Object.hasOwn(level, key)) own(level, key, {});
      level = level[key] as Record<string, unknown>;
    }
    own(level, last, flat[path]);
  }
  return event as unknown as EcsEvent;
};

/** As an own property, whatever the key: assigning to `__proto__` would change the object's prototype instead. */
const own = (target: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
};

const escaped = (key: string): string => (/[.\\]/.test(key) ? key.replace(/[.\\]/g, '\\$&') : key);

const keysOf = (path: string): string[] => {
  if (!path.includes('\\')) return path.split('.');
  const keys: string[] = [];
  let key = '';
  for (let at = 0; at < path.length; at++) {
    const char = path.charAt(at);
    if (char === '.') {
      keys.push(key);
      key = '';
    } else key += char === '\\' ? path.charAt(++at) : char;
  }
  return [...keys, key];
};

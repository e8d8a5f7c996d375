/** Puts under `closer`: fields that ECS lacks or has only since a version after 1.9, and raw values that were replaced. */
import { type Findings, redactTree, redactWhole } from './redact.ts';
import { isSensitive, type SensitiveNames } from './sensitive-keys.ts';

/** The most that is kept, counted in characters and values. */
const most = 1_048_576;

export interface Leftovers {
  readonly closer: Record<string, unknown>;
  /** Something was removed because there was too much. */
  readonly removed: boolean;
}

/** Redacts each field, judging every part of its path and the path as one name, and nests it under its path. */
export const nestLeftovers = (
  rest: ReadonlyMap<string, unknown>,
  names: SensitiveNames,
  findings: Findings,
): Leftovers => {
  const closer: Record<string, unknown> = {};
  let size = 0;
  let removed = false;
  for (const [path, value] of rest) {
    const cost = path.length + sizeOf(value, most - size);
    if (size + cost > most) {
      removed = true;
      continue;
    }
    size += cost;
    const segments = segmentsOf(path);
    const hidden =
      isSensitive(path, names) ||
      segments.some((part) => isSensitive(part, names)) ||
      (path.includes('value') && isValueOfSecret(path, rest, names));
    nest(closer, segments, hidden ? redactWhole(value, findings) : redactTree(value, names, findings));
  }
  return { closer, removed };
};

/** `{ "name": "Authorization", "value": "…" }` stands here as two paths: that of the value is hidden for what the other one says. */
const isValueOfSecret = (path: string, rest: ReadonlyMap<string, unknown>, names: SensitiveNames): boolean => {
  for (const { index } of path.matchAll(/(?<=^|\.)values?(?=\.|$)/g)) {
    const parent = path.slice(0, index);
    const name = rest.get(`${parent}name`) ?? rest.get(`${parent}key`);
    if (typeof name === 'string' && isSensitive(name, names)) return true;
  }
  return false;
};

const longestKept = 128;
const mostKept = 1_000;
const kept = new Map<string, readonly string[]>();

/** Paths repeat from event to event, so each is split once. The memory is bounded, because the author of a document chooses its paths. */
const segmentsOf = (path: string): readonly string[] => {
  const before = kept.get(path);
  if (before) return before;
  const segments = path.startsWith('closer.') ? path.slice('closer.'.length).split('.') : path.split('.');
  if (path.length <= longestKept && kept.size < mostKept) kept.set(path, segments);
  return segments;
};

/** Counts without recursion and stops beyond `limit`. */
const sizeOf = (value: unknown, limit: number): number => {
  if (typeof value === 'string') return value.length;
  const waiting: unknown[] = [value];
  let size = 0;
  while (waiting.length > 0 && size <= limit) {
    const next = waiting.pop();
    size += typeof next === 'string' ? next.length : 8;
    if (typeof next !== 'object' || next === null) continue;
    for (const key of Object.keys(next)) {
      size += key.length;
      if (size > limit) break;
      waiting.push((next as Readonly<Record<string, unknown>>)[key]);
    }
  }
  return size;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** If a value already stands in the way (`a` and `a.b` both given), the rest of the path becomes one key with dots. */
export const nest = (root: Record<string, unknown>, segments: readonly string[], value: unknown): void => {
  let at = root;
  for (let level = 0; level < segments.length - 1; level++) {
    const segment = segments[level] ?? '';
    if (!Object.hasOwn(at, segment)) at[segment] = {};
    const next = at[segment];
    if (!isRecord(next)) {
      at[segments.slice(level).join('.')] ??= value;
      return;
    }
    at = next;
  }
  const last = segments.at(-1) ?? '';
  if (isRecord(at[last])) at[`${last}.`] = value;
  else at[last] ??= value;
};

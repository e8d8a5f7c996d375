import type * as z from 'zod';
import type { BodyMistake } from '../core/bad-body.ts';
import { type JsonPath, pointerTo } from '../core/json-pointer.ts';
import { nearestName } from '../core/nearest-name.ts';
import { got, kindOf } from '../core/written.ts';

/** The mistakes that a schema found, in our words; no value is repeated, because it may be a credential in the wrong place. */
export const mistakesOf = (error: z.core.$ZodError, written: unknown): readonly BodyMistake[] =>
  error.issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...path, key.slice(0, 60)], detail: unknownField(key, issue.message) }));
    const value = valueAt(written, path);
    if (issue.code === 'custom') return [{ path, detail: `${issue.message}.` }];
    // The one value that can be repeated without harm: a text given where the schema has a fixed list of words.
    const given = issue.code === 'invalid_value' && typeof value === 'string' ? got(value) : kindOf(value);
    return [{ path, detail: `${detailOf(issue)}; got ${given}.` }];
  });

/** @param known the message of `strictFields`: the names that are known, with commas */
const unknownField = (key: string, known: string): string => {
  const nearest = nearestName(key, known.split(', '));
  return nearest ? `is not known. Did you mean ${nearest}?` : `is not known. Leave it out; known are ${known}.`;
};

const detailOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nameOf[issue.expected] ?? issue.expected}`;
    case 'too_small':
      if (issue.minimum === 1 && issue.origin !== 'number' && issue.origin !== 'int') return 'must not be empty';
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be at least ${issue.minimum}`
        : `must have at least ${issue.minimum} ${unitOf(issue.origin)}`;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be at most ${issue.maximum}`
        : `must have at most ${issue.maximum} ${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    default:
      return issue.message;
  }
};

const nameOf: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const unitOf = (origin: string): string => (origin === 'string' ? 'characters' : 'entries');

const valueAt = (written: unknown, path: JsonPath): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    written,
  );

/**
 * All mistakes, at most one source per place: where the rules of the domain complain, the schema's complaint is dropped, because the former
 * says more.
 */
export const mergedMistakes = (
  ofForm: readonly BodyMistake[],
  ofDomain: readonly BodyMistake[],
): readonly BodyMistake[] => {
  const told = new Set(ofDomain.map(({ path }) => pointerTo(path)));
  return [...ofDomain, ...ofForm.filter(({ path }) => !told.has(pointerTo(path)))];
};

/** A question as a predicate over events, compiled once: no parsing, no look-up of a field's kind, no expression per event. */
import type { EcsEvent } from '../event.ts';
import { fieldReader } from '../field-value.ts';
import { inBlocks } from '../filter-address.ts';
import { findPart } from '../find-part.ts';
import { type Instant, toInstant } from '../instant.ts';
import type { Bounds, Leaf, Question } from './question.ts';

/** @param time of the event where the caller knows it to the nanosecond; otherwise `@timestamp` is read */
export type Accepts = (event: EcsEvent, time?: Instant) => boolean;

/** `question.ts` says what each question accepts. */
export const questionMatcher = (question: Question): Accepts => {
  switch (question.kind) {
    case 'and':
      return every(question.of.map(questionMatcher));
    case 'or':
      return some(question.of.map(questionMatcher));
    case 'not': {
      const accepts = questionMatcher(question.of);
      return (event, time) => !accepts(event, time);
    }
    default:
      return leafMatcher(question);
  }
};

const every =
  (tests: readonly Accepts[]): Accepts =>
  (event, time) => {
    for (const test of tests) if (!test(event, time)) return false;
    return true;
  };

const some =
  (tests: readonly Accepts[]): Accepts =>
  (event, time) => {
    for (const test of tests) if (test(event, time)) return true;
    return false;
  };

const leafMatcher = (leaf: Leaf): Accepts => {
  if (leaf.kind === 'time' && leaf.field === '@timestamp') return timestampMatcher(leaf);
  const read = fieldReader(leaf.field);
  const fits = valueTest(leaf);
  return (event) => {
    const value = read(event);
    if (value === undefined || value === null) return false;
    if (!Array.isArray(value)) return fits(value);
    for (const one of value as readonly unknown[]) if (fits(one)) return true;
    return false;
  };
};

const timestampMatcher = (bounds: Bounds<Instant>): Accepts => {
  const within = inBounds(bounds);
  return (event, known) => {
    const time = known ?? (event['@timestamp'] === undefined ? undefined : toInstant(event['@timestamp']));
    return time !== undefined && within(time);
  };
};

const valueTest = (leaf: Leaf): ((value: unknown) => boolean) => {
  switch (leaf.kind) {
    case 'exists':
      return (value) => value !== undefined && value !== null;
    case 'text':
      return textTest(leaf.parts);
    case 'address': {
      const contains = inBlocks([leaf.block]);
      return (value) => typeof value === 'string' && contains(value);
    }
    case 'number': {
      const within = inBounds(leaf);
      return (value) => typeof value === 'number' && within(value);
    }
    case 'time': {
      const within = inBounds(leaf);
      return (value) => {
        const time = typeof value === 'string' ? toInstant(value) : undefined;
        return time !== undefined && within(time);
      };
    }
    default:
      return leaf satisfies never;
  }
};

const inBounds = <Value extends number | string>({ from, to, open }: Bounds<Value>): ((value: Value) => boolean) => {
  const above = (value: Value) => from === undefined || (open === 'from' ? value > from : value >= from);
  const below = (value: Value) => to === undefined || (open === 'to' ? value < to : value <= to);
  return (value) => above(value) && below(value);
};

/**
 * The text must begin with the first part, end with the last, and hold the others in between, in order. Each is looked for once, so no
 * pattern is slow on any text.
 */
const textTest = (parts: readonly [string, ...string[]]): ((value: unknown) => boolean) => {
  const [first, ...others] = parts;
  const last = others.pop();
  if (last === undefined)
    return (value) => (typeof value === 'string' ? sameText(value, first) : shownAs(value) === first);
  const between = others.filter((part) => part !== '').map((part) => ({ length: part.length, find: findPart(part) }));
  const shortest = first.length + last.length;
  return (value) => {
    const text = (typeof value === 'string' ? value : shownAs(value))?.toLowerCase();
    if (text === undefined || text.length < shortest || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let position = first.length;
    for (const part of between) {
      const found = part.find(text, position);
      if (found < 0 || found + part.length > end) return false;
      position = found + part.length;
    }
    return position <= end;
  };
};

/** Compares as written first: most texts are in lower case already and need no copy. */
const sameText = (text: string, wanted: string): boolean => text === wanted || text.toLowerCase() === wanted;

/** Numbers and booleans under `labels` and `closer` are compared as texts; objects match nothing. */
const shownAs = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

import { canonicalText } from './segment.ts';
import type { Subscription } from './subscription.ts';

/** Dotted names of the fields in which two versions of a subscription differ, without their values. */
export const changedFields = (before: Subscription, after: Subscription): readonly string[] =>
  differing('', before, after);

/** Objects whose fields are named one by one; any other value is one field. */
const opened = ['batch', 'destination', 'destination.headers'];

const differing = (below: string, before: object, after: object): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((key) => {
    const name = below === '' ? key : `${below}.${key}`;
    const [was, is] = [valueIn(before, key), valueIn(after, key)];
    if (canonicalText(was ?? null) === canonicalText(is ?? null)) return [];
    return opened.includes(name) ? differing(name, objectOf(was), objectOf(is)) : [name];
  });

const valueIn = (object: object, key: string): unknown => Object.getOwnPropertyDescriptor(object, key)?.value;

const objectOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

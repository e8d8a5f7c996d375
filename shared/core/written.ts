/**
 * Reads what a person wrote as JSON, field by field, and gathers every mistake instead of stopping at the first.
 * A mistake reads `[2].batch.maxEvents: must be …; got …; write …`.
 */
import { nearestName } from './nearest-name.ts';
import { showingInvisible } from './plain-text.ts';

/** Names and numbers from the outside in: `['destination', 'url']`; `[]` is the whole. */
export type Path = readonly string[];

export interface WrittenMistake {
  readonly path: Path;
  /** A sentence: what the value must be, what it is, what to write; without secrets. */
  readonly detail: string;
}

export interface Mistakes {
  readonly all: readonly WrittenMistake[];
  add(path: Path, detail: string): void;
}

export const noMistakes = (): Mistakes => {
  const all: WrittenMistake[] = [];
  return { all, add: (path, detail) => void all.push({ path, detail }) };
};

/** `[2].batch.maxEvents: must be …` */
export const mistakeLine = ({ path, detail }: WrittenMistake): string => `${pathText(path)}: ${detail}`;

const pathText = (path: Path): string =>
  path.map((step, at) => (/^\d+$/.test(step) ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');

export type Written = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Written =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a message may repeat it: one line, cut after 60 characters; `nothing` when it is absent. */
export const got = (value: unknown): string => {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'nothing';
  return showingInvisible(text.length > 60 ? `${text.slice(0, 60)}…` : text);
};

/** The kind of a value, for messages that must not repeat the value because it may be a credential. */
export const kindOf = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
};

export interface Fields {
  /** `['2', 'batch', 'maxEvents']` for `maxEvents`. */
  path(name: string): Path;
  /** The value under `name`, or `undefined` with a mistake when it is not one that `accepts` takes. */
  needed<Value>(
    name: string,
    accepts: (value: unknown) => value is Value,
    must: string,
    write: string,
  ): Value | undefined;
  /** The same, but it may be absent: then `undefined` without a mistake. */
  optional<Value>(
    name: string,
    accepts: (value: unknown) => value is Value,
    must: string,
    write: string,
  ): Value | undefined;
  wholeNumber(name: string, limits: { readonly from: number; readonly to: number; readonly default: number }): number;
}

/** The fields of an object at `path`; those not in `known` are mistakes. */
export const fieldsOf = (written: Written, path: Path, known: readonly string[], mistakes: Mistakes): Fields => {
  const pathOf = (name: string): Path => [...path, name];
  for (const name of Object.keys(written).filter((each) => !known.includes(each))) {
    const nearest = nearestName(name, known);
    mistakes.add(
      pathOf(showingInvisible(name.slice(0, 60))),
      `is not known; ${nearest ? `did you mean ${nearest}?` : `remove it, known are ${known.join(', ')}`}`,
    );
  }
  const needed: Fields['needed'] = (name, accepts, must, write) => {
    const value = written[name];
    if (accepts(value)) return value;
    mistakes.add(pathOf(name), `${must}; got ${got(value)}; ${write}`);
    return undefined;
  };
  return {
    path: pathOf,
    needed,
    optional: (name, accepts, must, write) =>
      written[name] === undefined ? undefined : needed(name, accepts, must, write),
    wholeNumber: (name, { from, to, default: absent }) => {
      const accepts = (value: unknown): value is number =>
        Number.isInteger(value) && Number(value) >= from && Number(value) <= to;
      if (written[name] === undefined) return absent;
      return (
        needed(name, accepts, `must be a whole number from ${from} to ${to}`, `write, for example, ${absent}`) ?? absent
      );
    },
  };
};

/** Accepts texts of a shape. */
export const textLike =
  (shape: RegExp) =>
  (value: unknown): value is string =>
    typeof value === 'string' && shape.test(value);

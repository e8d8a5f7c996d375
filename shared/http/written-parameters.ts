import type { Context } from 'hono';
import { BadParameters } from '../core/bad-parameters.ts';
import type { WrittenFilter } from '../core/filter-parse.ts';

/** Every parameter with all its values; own properties only, whatever the names are. */
export const writtenParameters = (context: Context): WrittenFilter => valuesOf(new URL(context.req.url).searchParams);

export const valuesOf = (parameters: URLSearchParams): WrittenFilter =>
  Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name)]));

/** @throws BadParameters with every parameter that is not among `known` */
export const refuseOthers = (parameters: URLSearchParams, known: readonly string[] = []): void => {
  const [first, ...others] = [...parameters.keys()]
    .filter((name) => !known.includes(name))
    .map((field) => ({ field: field.slice(0, 60), detail: 'is not a parameter of this. Leave it out.' }));
  if (first) throw new BadParameters([first, ...others]);
};

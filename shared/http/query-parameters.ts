import * as z from 'zod';
import { BadParameters, type Mistake } from '../core/bad-parameters.ts';
import { pointerTo } from '../core/json-pointer.ts';
import { mistakesOf } from './body-mistakes.ts';

/** A parameter that is a whole number, written in digits. */
export const wholeNumber = ({
  from,
  to,
  usual,
}: {
  readonly from: number;
  readonly to: number;
  readonly usual: number;
}) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text),
    z.int().min(from).max(to).default(usual),
  );

/**
 * The parameters of a URL as a schema has them, each given once.
 * @throws BadParameters with every mistake
 */
export const readParameters = <Query>(url: string, schema: z.ZodType<Query>): Query => {
  const { searchParams } = new URL(url);
  const names = [...new Set(searchParams.keys())];
  const twice = names
    .filter((name) => searchParams.getAll(name).length > 1)
    .map((name) => ({ field: name.slice(0, 60), detail: 'is given more than once. Give it once.' }));
  const written = Object.fromEntries(names.map((name) => [name, searchParams.get(name)]));
  const parsed = schema.safeParse(written);
  const [first, ...others] = [...twice, ...(parsed.success ? [] : mistakesOf(parsed.error, written).map(inParameter))];
  if (first) throw new BadParameters([first, ...others]);
  if (!parsed.success) throw new TypeError('a schema that refuses says why');
  return parsed.data;
};

const inParameter = ({ path, detail }: ReturnType<typeof mistakesOf>[number]): Mistake => ({
  field: pointerTo(path).slice(1),
  detail,
});

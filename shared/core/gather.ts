/** Reads a question piece by piece, so that the caller is told every mistake at once. */
import { BadParameters, type Mistake } from './bad-parameters.ts';
import { BadRequest } from './errors.ts';

/** What came of reading one piece: its value, or what is wrong with it. */
export type Attempt<Value> =
  | { readonly value: Value; readonly mistakes?: never }
  | { readonly value?: never; readonly mistakes: readonly Mistake[] };

/** For a piece that others depend on: they see `undefined` as its value if it is wrong. Other errors than BadRequest are thrown on. */
export const attempt = <Value>(read: () => Value): Attempt<Value> => {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof BadParameters) return { mistakes: error.mistakes };
    if (error instanceof BadRequest) return { mistakes: [{ field: error.field, detail: error.message }] };
    throw error;
  }
};

/** A way to read one piece, or what came of reading it before. */
export type Piece<Value> = (() => Value) | Attempt<Value>;

/**
 * Every piece under its name.
 * @throws BadParameters with every mistake, in the order of `pieces`
 */
export const gather = <Values extends Readonly<Record<string, unknown>>>(
  pieces: {
    readonly [Name in keyof Values]: Piece<Values[Name]>;
  },
): Values => {
  const values = gatherList<unknown>(Object.values(pieces));
  return Object.fromEntries(Object.keys(pieces).map((name, at) => [name, values[at]])) as Values;
};

/** The same for pieces without names. */
export const gatherList = <Value>(pieces: readonly Piece<Value>[]): readonly Value[] => {
  const attempts = pieces.map((piece) => (typeof piece === 'function' ? attempt(piece) : piece));
  const [first, ...others] = attempts.flatMap(({ mistakes = [] }) => mistakes);
  if (first) throw new BadParameters([first, ...others]);
  return attempts.flatMap((each) => (each.mistakes ? [] : [each.value]));
};

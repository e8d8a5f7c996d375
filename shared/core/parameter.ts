/** Parameters as they arrive: a text, a number of JSON, or a list where one was given several times. */
import { shown } from './bad-parameters.ts';
import { BadRequest } from './errors.ts';

/** The one value of a parameter that must not be repeated; `undefined` when it is not given. */
export const onlyValue = (name: string, written: unknown): unknown => {
  if (!Array.isArray(written)) return written;
  const values: readonly unknown[] = written;
  if (values.length > 1) throw new BadRequest(name, 'is given more than once. Give it once.');
  if (values.length === 0) throw new BadRequest(name, 'is an empty list. Give one value, or leave it out.');
  return values[0];
};

/** The same as text, without blanks around it. */
export const onlyText = (name: string, written: unknown): string | undefined => {
  const value = onlyValue(name, written);
  if (value === undefined || typeof value === 'string') return value?.trim();
  if (typeof value === 'number') return String(value);
  throw new BadRequest(name, `must be text; got ${shown(value)}.`);
};

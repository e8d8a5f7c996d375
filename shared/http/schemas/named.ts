import * as z from 'zod';
import { plainText } from '../../core/plain-text.ts';

/** The schemas that the OpenAPI document lists by name. */
export const named = z.registry<{ readonly id: string }>();

/** Lists a schema by name, with what it is and one example of it. */
export const schema = <Schema extends z.ZodType>(id: string, told: Told, of: Schema): Schema => {
  const { description, example } = told;
  const described = of.meta({ description, ...(example !== undefined && { examples: [example] }) }) as Schema;
  named.add(described, { id });
  return described;
};

interface Told {
  readonly description: string;
  readonly example?: unknown;
}

/** An object with these fields and no others; the error message for an unknown field is the list of known fields. */
export const strictFields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });

/** A text that a person writes and others will read. */
export const words = (most: number) =>
  z
    .string()
    .check((context) => {
      const read = plainText(context.value, most);
      if ('wrong' in read)
        context.issues.push({ code: 'custom', message: read.wrong, input: context.value, continue: true });
    })
    .meta({ minLength: 1, maxLength: most });

export const instant = z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC.' });

/** The mark that a page returns as `next` and the next request takes as `after`. */
export const pageMark = z
  .string()
  .meta({ description: 'Where the next page begins: send it as `after`. Absent: this is the last.' });

import * as z from 'zod';
import { wholeNumber } from '../query-parameters.ts';
import { strictFields } from './named.ts';

export const pageSize = { from: 1, to: 100, usual: 50 } as const;

/** Parameters of every list. */
export const paging = {
  limit: wholeNumber(pageSize).meta({ description: 'Entries in one answer.' }),
  after: z
    .string()
    .regex(/^[\x21-\x7e]{1,500}$/, 'must be next of the page before')
    .optional()
    .meta({ description: '`next` of the page before. Absent: the first page.' }),
};

export const pageQuery = strictFields(paging);

/** The parameters in the form that the flows take. */
export const pageOf = ({
  limit,
  after,
}: {
  readonly limit: number;
  readonly after?: string | undefined;
}): { readonly limit: number; readonly after?: string } => ({ limit, ...(after !== undefined && { after }) });

import type { ToldOperation } from '../operation.ts';
import { health } from '../schemas/admin-schemas.ts';
import { openApiDocument } from '../schemas/event-schemas.ts';

/** What anybody may ask; `public-routes.ts` answers it. */
export const publicOperations: readonly ToldOperation[] = [
  {
    method: 'GET',
    path: '/health',
    name: 'readHealth',
    tag: 'Status',
    summary: 'Tells whether the API can work',
    description: 'Whether the state can be read; looked at once a second at most.',
    answers: { 200: { description: 'It can.', schema: health } },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    name: 'readOpenApi',
    tag: 'Status',
    summary: 'Gives this document',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: openApiDocument } },
  },
];

/** `npm run docs:api`: writes docs/api.md. A test fails while it is stale. */
import { writeFileSync } from 'node:fs';
import project from '../../../package.json' with { type: 'json' };
import { documentedOperations } from '../manage-app.ts';
import { openApi } from '../openapi.ts';
import { apiMarkdown } from './api-markdown.ts';
import { exampleCalls } from './example-calls.ts';

const page = new URL('../../../docs/api.md', import.meta.url);
writeFileSync(page, apiMarkdown(openApi(documentedOperations, project.version), exampleCalls));

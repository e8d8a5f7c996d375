/** The sample logs, read as the journal reads them, with the samples' directory of tenants. */
import { readFileSync } from 'node:fs';
import type { Hit } from '../../shared/core/event.ts';
import { hitReader, type ReadHit } from '../../shared/core/reading/read-hit.ts';
import { attributeTo, parseTenants, type TenantDirectory } from '../../shared/core/tenants.ts';

const textOf = (name: string): string => readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8');

/** Without `sort`, which says how some other search found them. */
const hitsIn = (name: string): readonly Hit[] =>
  textOf(name)
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { sort: _, ...hit } = JSON.parse(line) as Hit;
      return hit;
    });

export const sampleHits = (): readonly Hit[] => hitsIn('samples.ndjson');
export const edgeHits = (): readonly Hit[] => hitsIn('samples-edge.ndjson');

export interface SampleRow {
  readonly org: string;
  readonly action: string;
}

export const sampleRows = (): Readonly<Record<string, SampleRow>> => JSON.parse(textOf('samples-manifest.json')).docs;

export const sampleDirectory: TenantDirectory = parseTenants(JSON.parse(textOf('tenants.json')));

export const readSample: ReadHit = hitReader({ timeField: '@timestamp', attribute: attributeTo(sampleDirectory) });

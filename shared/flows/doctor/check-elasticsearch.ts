import type { ElasticsearchDiagnosis } from '../../ports/diagnosis.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { resultOf, settled } from '../settled.ts';
import { type Finding, problemOf } from './finding.ts';
import { filterFields, judgeFilterFields, judgeTimeField } from './judge-fields.ts';
import { judgeIndices } from './judge-indices.ts';
import { judgeClock, judgeHealth, judgePrivileges, judgeServer, judgeTransport } from './judge-server.ts';
import type { Check } from './run-checks.ts';

/**
 * An Elasticsearch as a source. When it does not answer at all that is the one finding; otherwise each part is looked at for itself.
 * Reads only: `_has_privileges`, `_resolve`, settings, mappings, `_field_caps`, health and one search.
 */
export const elasticsearchCheck = (
  server: ElasticsearchDiagnosis,
  { secrets, overlapMs }: { readonly secrets: Secrets; readonly overlapMs: number },
): Check => ({
  name: 'elasticsearch',
  limitMs: 20_000,
  run: async () => {
    const version = judgeServer(await server.server(), server.origin);
    const glance = settled(server.glance());
    const documents = async (): Promise<number> => resultOf(await glance).documents;
    const parts: readonly Promise<readonly Finding[]>[] = [
      part('elasticsearch/transport', async () => {
        const credentials = (await secrets.get('elasticsearch')) ? 'given' : 'none';
        return [judgeTransport(server.origin, credentials)];
      }),
      part('elasticsearch/permissions', async () => [judgePrivileges(await server.privileges(), server.origin)]),
      part('elasticsearch/indices', async () =>
        judgeIndices(await server.indices(), { origin: server.origin, pattern: server.index, overlapMs }),
      ),
      part('elasticsearch/time-field', async () => {
        const [field] = await server.fields([server.timeField]);
        return field ? [judgeTimeField(field, await documents())] : [];
      }),
      part('elasticsearch/filter-fields', async () => [
        judgeFilterFields(await server.fields(filterFields), await documents(), await server.mapping()),
      ]),
      part('elasticsearch/clock', async () => [judgeClock(resultOf(await glance), overlapMs)]),
      part('elasticsearch/health', async () => [judgeHealth(await server.health())]),
    ];
    return [version, ...(await Promise.all(parts)).flat()];
  },
});

const part = async (check: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> => {
  try {
    return await look();
  } catch (error) {
    return [problemOf(check, error)];
  }
};

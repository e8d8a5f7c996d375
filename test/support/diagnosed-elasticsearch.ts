import { elasticsearchCheck } from '../../shared/flows/doctor/check-elasticsearch.ts';
import type { Finding } from '../../shared/flows/doctor/finding.ts';
import type { ElasticsearchDiagnosis, FieldFacts, IndexFacts } from '../../shared/ports/diagnosis.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';

const defaultOverlapMs = 300_000;
const signal = new AbortController().signal;

const keywords = (names: readonly string[]): readonly FieldFacts[] =>
  names.map((name) => ({ name, types: { keyword: undefined } }));

const anIndex = (parts: Partial<IndexFacts> = {}): IndexFacts => ({
  name: 'closer-1',
  state: 'open',
  refreshMs: 1000,
  source: 'kept',
  ...parts,
});

/** The indices that the pattern matches. */
export const indices = (...all: readonly Partial<IndexFacts>[]): Pick<ElasticsearchDiagnosis, 'indices'> => ({
  indices: async () => ({ kind: 'seen', value: all.map(anIndex) }),
});

/** The types of the time field. */
export const timeField = (types: FieldFacts['types']): Pick<ElasticsearchDiagnosis, 'fields'> => ({
  fields: async (names) => (names.length === 1 ? [{ name: '@timestamp', types }] : keywords(names)),
});

/** The types of one field that questions ask for; the others are not mapped. */
export const filterField = (name: string, types: FieldFacts['types']): Pick<ElasticsearchDiagnosis, 'fields'> => ({
  fields: async (names) => {
    if (names.length === 1) return [{ name: '@timestamp', types: { date: undefined } }];
    return names.map((one) => ({ name: one, types: one === name ? types : {} }));
  },
});
/** How far this machine's clock is ahead of the server's. */
export const clock = (aheadMs: number, tookMs = 0): Pick<ElasticsearchDiagnosis, 'glance'> => ({
  glance: async () => ({ documents: 10, serverMs: 1_000_000 - aheadMs, oursMs: 1_000_000, tookMs }),
});

/** What doctor finds of a server of which all is well, but for what the test says. */
export const findings = async (
  parts: Partial<ElasticsearchDiagnosis> = {},
  options: { readonly overlapMs?: number; readonly secret?: string } = {},
): Promise<readonly Finding[]> => {
  const server: ElasticsearchDiagnosis = {
    origin: 'https://es.example.com:9200',
    index: 'closer-*',
    timeField: '@timestamp',
    server: async () => ({ version: '8.19.21', flavour: 'default' }),
    privileges: async () => ({ kind: 'seen', user: 'sluice', missing: [], held: [] }),
    fields: async (names) =>
      names.length === 1 ? [{ name: '@timestamp', types: { date: undefined } }] : keywords(names),
    mapping: async () => ({ kind: 'seen', value: {} }),
    health: async () => ({ kind: 'seen', value: { status: 'green', nodes: 3, red: [], yellow: [] } }),
    ...indices({}),
    ...clock(0),
    ...parts,
  };
  const secrets = memorySecrets(options.secret === undefined ? {} : { elasticsearch: options.secret });
  return elasticsearchCheck(server, { secrets, overlapMs: options.overlapMs ?? defaultOverlapMs }).run(signal);
};

/** The finding of one part: `clock`. */
export const found = async (part: string, ...given: Parameters<typeof findings>): Promise<Finding | undefined> =>
  (await findings(...given)).find(({ check }) => check === `elasticsearch/${part}`);

/** Turns the answers to a diagnosis into plain values. */
import type { FieldFacts, IndexFacts, PrivilegeFacts } from '../../ports/diagnosis.ts';
import { isJson, type Json } from './answers.ts';

/** The privileges that the source needs on its indices. */
export const neededPrivileges = ['read', 'view_index_metadata'] as const;
/** Privileges that a reader does not need, and that make its key dangerous if it is stolen. */
export const needlessPrivileges = ['write', 'create_index', 'delete_index', 'manage'] as const;

/** @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-has-privileges */
export const privilegesIn = (status: number, body: unknown): PrivilegeFacts => {
  // If security is off there is no such API: 400 or 405, and 500 from some distributions of 7.17.
  if (status === 400 || status === 404 || status === 405 || JSON.stringify(body)?.includes('Security must be'))
    return { kind: 'no security' };
  if (status >= 300 || !isJson(body)) return { kind: 'hidden', reason: `it answers ${status}` };
  const indices = isJson(body['index']) ? Object.values(body['index']).filter(isJson) : [];
  const everywhere = (privilege: string): boolean => indices.every((one) => one[privilege] === true);
  const somewhere = (privilege: string): boolean => indices.some((one) => one[privilege] === true);
  return {
    kind: 'seen',
    user: String(body['username'] ?? ''),
    missing: neededPrivileges.filter((privilege) => !everywhere(privilege)),
    held: needlessPrivileges.filter(somewhere),
  };
};

const listIn = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

export const indicesIn = (resolved: Json, settings: Json, mappings: Json | undefined): readonly IndexFacts[] => {
  const closed = new Set(
    listIn(resolved['indices'])
      .filter(({ attributes }) => Array.isArray(attributes) && attributes.includes('closed'))
      .map(({ name }) => String(name)),
  );
  const streams = new Map(
    listIn(resolved['data_streams']).flatMap(({ name, backing_indices: backing }) =>
      (Array.isArray(backing) ? backing : [backing]).map((index) => [String(index), String(name)] as const),
    ),
  );
  return Object.entries(settings).map(([name, of]) => {
    const flat = isJson(of) && isJson(of['settings']) ? of['settings'] : {};
    const mapping = mappings?.[name];
    const stored = isJson(mapping) && isJson(mapping['mappings']) ? mapping['mappings']['_source'] : undefined;
    const dataStream = streams.get(name);
    const refreshMs = refreshIn(flat['index.refresh_interval']);
    return {
      name,
      state: closed.has(name) ? 'closed' : 'open',
      ...(dataStream !== undefined && { dataStream }),
      ...(refreshMs !== undefined && { refreshMs }),
      ...(mappings && { source: sourceIn(flat['index.mapping.source.mode'], stored) }),
    };
  });
};

const sourceIn = (mode: unknown, stored: unknown): NonNullable<IndexFacts['source']> => {
  const { enabled, mode: mapped } = isJson(stored) ? stored : {};
  if (enabled === false || [mode, mapped].includes('disabled')) return 'disabled';
  return [mode, mapped].includes('synthetic') ? 'synthetic' : 'kept';
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s` as milliseconds. If it is not set it is 1 s; a negative number means never. */
const refreshIn = (text: unknown): number | 'never' | undefined => {
  if (text === undefined) return 1000;
  if (/^-\d+/.test(String(text))) return 'never';
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(String(text)) ?? [];
  return count === undefined ? undefined : Number(count) * (unitMs[unit ?? ''] ?? 0);
};

export const typesOf = (name: string, found: unknown): FieldFacts => ({
  name,
  types: Object.fromEntries(
    Object.entries(isJson(found) ? found : {}).map(([type, where]) => [
      type,
      isJson(where) && Array.isArray(where['indices']) ? where['indices'].map(String) : undefined,
    ]),
  ),
});

/** The server's time in the answer to `clockQuestion`: the end of the range that ends at `now`. */
export const clockIn = (body: Json): number | undefined => {
  const { clock } = isJson(body['aggregations']) ? body['aggregations'] : {};
  const to = isJson(clock) ? listIn(clock['buckets'])[0]?.['to'] : undefined;
  return typeof to === 'number' ? to : undefined;
};

export const totalIn = (body: Json): number => {
  const total = isJson(body['hits']) ? body['hits']['total'] : undefined;
  return Number(isJson(total) ? total['value'] : total);
};

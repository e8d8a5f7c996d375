import { OperatorMustFix, RetryLater } from '../../core/errors.ts';
import type { SourceFacts } from '../../ports/source.ts';
import { isJson, type Json, verdictOn, verdictOnFacts } from './answers.ts';
import type { Connection, Question } from './connection.ts';
import { errorOf, nothingMatches } from './refusals.ts';
import { everything, queryOf, sortOf } from './search-bodies.ts';

export interface PreflightSettings {
  readonly connection: Connection;
  readonly index: string;
  readonly timeField: string;
  readonly timeouts: { readonly requestMs: number };
}

/**
 * Asks what a walk will need: indices that match, a time field of a type that sorts in each of them, and one event by the very search
 * of a walk, which proves the rest (privileges, accepted headers, whole answers).
 */
export const preflight = async (settings: PreflightSettings): Promise<SourceFacts> => {
  const { connection, index, timeField } = settings;
  const path = encodeURIComponent(index);

  const capabilities = await ask(settings, {
    method: 'GET',
    path: `/${path}/_field_caps`,
    query: { fields: timeField },
  });
  const indices = textsIn(capabilities['indices']);
  if (indices.length === 0) throw nothingMatches(connection.origin, index);
  const types = typesOf(capabilities, timeField);
  const wrong = Object.keys(types).filter((type) => type !== 'date' && type !== 'date_nanos');
  if (wrong.length > 0)
    throw noDate(settings, wrong.map((type) => `${type} in ${some(types[type] ?? indices)}`).join(', '));

  await ask(settings, {
    method: 'POST',
    path: `/${path}/_search`,
    query: { allow_partial_search_results: 'false' },
    body: {
      size: 1,
      _source: false,
      query: queryOf(timeField, { range: everything }, []),
      sort: sortOf(timeField, { range: everything }),
    },
  });
  if (Object.keys(types).length === 0 && (await holdsEvents(settings)))
    throw noDate(settings, `in no index of ${some(indices)}`);
  return { description: await versionAt(settings), indices };
};

/** Indices without the field are fine while they are empty: the first event brings it. */
const holdsEvents = async (settings: PreflightSettings): Promise<boolean> => {
  const answer = await ask(settings, {
    method: 'POST',
    path: `/${encodeURIComponent(settings.index)}/_search`,
    query: { allow_partial_search_results: 'false' },
    body: { size: 1, _source: false },
  });
  const hits = isJson(answer['hits']) ? answer['hits']['hits'] : undefined;
  return Array.isArray(hits) && hits.length > 0;
};

const ask = async (settings: PreflightSettings, question: Omit<Question, 'timeoutMs'>): Promise<Json> => {
  const { connection, index, timeouts } = settings;
  const answer = await connection.ask({ ...question, timeoutMs: timeouts.requestMs });
  if (answer.kind === 'too long')
    throw new RetryLater(`Elasticsearch at ${connection.origin} answered more than ${answer.maxBytes} bytes.`);
  const isSearch = question.path.endsWith('/_search');
  const verdict = isSearch ? verdictOn(answer.status, answer.body) : verdictOnFacts(answer.status, answer.body);
  if (verdict.kind === 'whole') return verdict.body;
  throw errorOf(connection.origin, index, verdict);
};

const noDate = ({ connection, timeField }: PreflightSettings, found: string): OperatorMustFix =>
  new OperatorMustFix(
    `SLUICE_SOURCE_TIME_FIELD "${timeField}" must be of type date or date_nanos in every index at ${connection.origin}; it is ${found}. ` +
      'Name another field, or map this one as date and index the events anew.',
  );

/** The types of the field, each with the indices that use it; `undefined` instead of indices if all do. */
const typesOf = (capabilities: Json, field: string): Readonly<Record<string, readonly string[] | undefined>> => {
  const fields = isJson(capabilities['fields']) ? capabilities['fields'][field] : undefined;
  if (!isJson(fields)) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([type, where]) => [
      type,
      isJson(where) && Array.isArray(where['indices']) ? textsIn(where['indices']) : undefined,
    ]),
  );
};

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const some = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;

/** The server's version, if the credentials may read it (it takes the cluster privilege `monitor`). */
const versionAt = async ({ connection, timeouts }: PreflightSettings): Promise<string> => {
  const answer = await connection.ask({ method: 'GET', path: '/', timeoutMs: timeouts.requestMs });
  const version = answer.kind === 'answer' && isJson(answer.body) ? answer.body['version'] : undefined;
  const number = isJson(version) ? version['number'] : undefined;
  return typeof number === 'string' ? `Elasticsearch ${number}` : 'Elasticsearch';
};

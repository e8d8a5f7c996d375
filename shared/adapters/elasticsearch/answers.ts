/** Judges an answer of Elasticsearch. HTTP 200 does not mean complete: a page is used only if its body says that it is whole. */

export type Whole = { readonly kind: 'whole'; readonly body: Json };
export type Verdict = Whole | Unfit;
/** Anything but whole. */
export type Unfit =
  /** The view is gone, or a part of it; the same view will not become whole again. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** No index, or no open one: nothing that was asked for is there (any more). */
  | { readonly kind: 'nothing there'; readonly reason: string }
  /** The request asks for too much at once: for the server's memory or queue, or for one answer. */
  | { readonly kind: 'too large'; readonly reason: string }
  /** The server cannot answer at the moment. */
  | { readonly kind: 'later'; readonly reason: string }
  /** The request itself is wrong: credentials, privileges, settings. */
  | { readonly kind: 'refused'; readonly status: number; readonly types: readonly string[]; readonly reason: string };

export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param status of HTTP; `body` the parsed answer, whatever it is */
export const verdictOn = (status: number, body: unknown): Verdict => {
  if (status < 300 && isJson(body)) {
    const gap = whatIsMissing(body);
    return gap ?? { kind: 'whole', body };
  }
  const types = typesIn(isJson(body) ? body['error'] : undefined);
  const reason = `${status} ${reasonOf(body)}`;
  // 7.17 reports a closed index as blocked, with the status of a missing privilege.
  if (types.some((type) => absentTypes.has(type)) || reason.includes('index closed'))
    return { kind: 'nothing there', reason };
  if (types.includes('cluster_block_exception')) return { kind: 'later', reason };
  if (types.some((type) => lostTypes.has(type)) || reason.includes('missing shards')) return { kind: 'lost', reason };
  if (status === 413 || status === 429 || asksForLess(types, reason)) return { kind: 'too large', reason };
  if (status === 408 || status >= 500 || status < 300) return { kind: 'later', reason };
  return { kind: 'refused', status, types, reason };
};

/**
 * The same for an answer that is not of a search: `_shards` is checked if it is there (7.17 leaves it out when it opens a view),
 * `timed_out` is not.
 */
export const verdictOnFacts = (status: number, body: unknown): Verdict => {
  if (status >= 300 || !isJson(body)) return verdictOn(status, body);
  const gap = body['_shards'] === undefined ? undefined : missingShards(body['_shards']);
  return gap ?? { kind: 'whole', body };
};

const whatIsMissing = (body: Json): Unfit | undefined => {
  if (body['timed_out'] !== false) return { kind: 'later', reason: 'the search timed out' };
  if (body['terminated_early'] === true) return { kind: 'later', reason: 'the search was terminated early' };
  return missingClusters(body['_clusters']) ?? missingShards(body['_shards']);
};

/** A remote cluster that is down is skipped, with status 200 and all shards of the rest successful. */
const missingClusters = (clusters: unknown): Unfit | undefined => {
  if (!isJson(clusters)) return undefined;
  // `running` is allowed: 8.19 reports it for every cluster of a view, because it does not track them there; their shards are counted.
  const absent = ['skipped', 'partial', 'failed'].filter((state) => Number(clusters[state] ?? 0) > 0);
  return absent.length === 0
    ? undefined
    : { kind: 'lost', reason: `clusters missing: ${absent.map((state) => `${clusters[state]} ${state}`).join(', ')}` };
};

const missingShards = (shards: unknown): Unfit | undefined => {
  const { total, successful, failed, failures } = isJson(shards) ? shards : {};
  // An unknown view, and a pattern that matches nothing, answer 200 with no shard at all.
  if (total === 0) return { kind: 'nothing there', reason: 'no shard was searched' };
  if (typeof total === 'number' && successful === total && failed === 0) return undefined;
  const types = typesIn(failures);
  const reason = `only ${successful} of ${total} shards answered${types[0] ? ` (${types.join(', ')})` : ''}`;
  return { kind: asksForLess(types, '') ? 'too large' : 'lost', reason };
};

const absentTypes = new Set(['index_not_found_exception', 'index_closed_exception']);

const lostTypes = new Set([
  'search_context_missing_exception',
  'search_context_missing_nodes_exception',
  'no_shard_available_action_exception',
  'node_not_connected_exception',
  'node_disconnected_exception',
  'shard_not_found_exception',
]);

const lessTypes = new Set([
  'circuit_breaking_exception',
  'es_rejected_execution_exception',
  'search_timeout_exception',
  'out_of_memory_error',
]);

/** `index.max_result_window` of an index may be lower than our page: 400, and a smaller page is accepted. */
const asksForLess = (types: readonly string[], reason: string): boolean =>
  types.some((type) => lessTypes.has(type)) || reason.includes('Result window is too large');

/** Every `type` of an error and of its causes, outermost first, each once. */
export const typesIn = (error: unknown, depth = 0): readonly string[] => {
  if (depth > 8) return [];
  if (Array.isArray(error)) return [...new Set(error.flatMap((one) => typesIn(one, depth + 1)))];
  if (!isJson(error)) return [];
  const { type, root_cause, caused_by, failed_shards, reason } = error;
  const inner = [root_cause, caused_by, failed_shards, reason].flatMap((one) => typesIn(one, depth + 1));
  return [...new Set(typeof type === 'string' ? [type, ...inner] : inner)];
};

/** The innermost reason an error gives, at most 300 characters. */
const reasonOf = (body: unknown): string => {
  if (!isJson(body)) return 'with no JSON (is there a proxy between?)';
  const error = body['error'];
  if (!isJson(error)) return typeof error === 'string' ? error.slice(0, 300) : 'without a reason';
  const shard = firstOf(error['failed_shards']);
  const inner = [error['caused_by'], shard?.['reason'], firstOf(error['root_cause']), error].find(
    (one): one is Json => isJson(one) && typeof one['reason'] === 'string' && one['reason'] !== '',
  );
  const cause = inner && isJson(inner['caused_by']) ? inner['caused_by'] : inner;
  return cause ? `${cause['type']}: ${cause['reason']}`.slice(0, 300) : String(error['type'] ?? 'without a reason');
};

const firstOf = (list: unknown): Json | undefined => (Array.isArray(list) && isJson(list[0]) ? list[0] : undefined);

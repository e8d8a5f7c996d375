import { isJson, type Json, verdictOn } from './answers.ts';
import { errorOf } from './refusals.ts';
import type { WalkSettings } from './walk-settings.ts';

/**
 * Resolves when a view holds every cluster that the pattern names.
 *
 * A view that is opened while a remote cluster is down and may be skipped (`skip_unavailable`, the default from 8.15 on) covers only the
 * other clusters, and neither the answer that opens it nor any search in it says so: seen on 8.19. A plain search does report it. So the
 * view must hold as many shards as a plain search in which no cluster is missing.
 * @param shardsInView `_shards.total` of a search in the view
 * @throws RetryLater when a cluster is missing
 */
export const holdsAllClusters = async (
  { connection, index, timeouts }: Pick<WalkSettings, 'connection' | 'index' | 'timeouts'>,
  shardsInView: number,
): Promise<void> => {
  if (!index.includes(':')) return;
  const answer = await connection.ask({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    query: { allow_partial_search_results: 'false' },
    body: { size: 0, track_total_hits: false },
    timeoutMs: timeouts.requestMs,
  });
  const verdict =
    answer.kind === 'answer'
      ? verdictOn(answer.status, answer.body)
      : ({ kind: 'too large', reason: `the answer is longer than ${answer.maxBytes} bytes` } as const);
  if (verdict.kind !== 'whole') throw errorOf(connection.origin, index, verdict);
  const shards = shardsIn(verdict.body);
  if (shards !== shardsInView)
    throw errorOf(connection.origin, index, {
      kind: 'lost',
      reason: `the view holds ${shardsInView} of ${shards} shards: a remote cluster was not reached when it was opened`,
    });
};

/** How many shards a whole answer covers. */
export const shardsIn = (body: Json): number => Number(isJson(body['_shards']) ? body['_shards']['total'] : 0);

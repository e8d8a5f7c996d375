/** The hits of a search's answer. */
import { RetryLater } from '../../core/errors.ts';
import type { Hit } from '../../core/event.ts';
import { isJson, type Json } from './answers.ts';

/** How many hits the search found; a lower bound if counting was limited. @throws RetryLater when it does not say */
export const totalOf = (body: Json): number => {
  const hits = body['hits'];
  const total = isJson(hits) ? hits['total'] : undefined;
  const value = isJson(total) ? total['value'] : total;
  if (typeof value !== 'number') throw new RetryLater('Elasticsearch answered a search without a count.');
  return value;
};

/** @throws RetryLater if the hits have not the documented form */
export const hitsOf = (body: Json): readonly SortedHit[] => {
  const hits = isJson(body['hits']) ? body['hits']['hits'] : undefined;
  if (Array.isArray(hits) && hits.every(isHit)) return hits;
  throw new RetryLater('Elasticsearch answered a search without hits in the form it documents.');
};

/** A hit with its sort values, the texts that the server formatted. */
export type SortedHit = Hit & { readonly sort: readonly unknown[] };

const isHit = (hit: unknown): hit is SortedHit =>
  isJson(hit) && typeof hit['_id'] === 'string' && typeof hit['_index'] === 'string' && Array.isArray(hit['sort']);

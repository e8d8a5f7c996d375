/** The identity of an event: its index and its `_id`. An `_id` is unique within one index only. */
import { hash } from 'node:crypto';

const backingIndex = /^(?:partial-|restored-|shrink-[a-z0-9_-]{1,8}-)*\.ds-(.+)-\d{4}\.\d{2}\.\d{2}-\d{6,}$/;

/**
 * The data stream that a backing index (`.ds-NAME-yyyy.MM.dd-NNNNNN`) belongs to, also when a shrink or a searchable snapshot renamed
 * it; any other index by its own name. A document keeps its identity when its backing index is replaced.
 * @see https://www.elastic.co/docs/manage-data/data-store/data-streams#backing-indices
 */
export const streamOf = (index: string): string =>
  index.includes('.ds-') ? (backingIndex.exec(index)?.[1] ?? index) : index;

/** What the two spare bits leave of the 22nd character: the same 128 bits always have the same spelling. */
const lastOf = new Map(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((char, at) => [char, 'AQgw'[at >> 4]]),
);

/**
 * 128 bits of SHA-256 over stream name and `_id`, 22 base64url characters. The length in front keeps `a`+`bc` and `ab`+`c` apart.
 */
export const eventKey = (index: string, id: string): string => {
  const stream = streamOf(index);
  const digest = hash('sha256', `${stream.length}:${stream}${id}`, 'base64url');
  return digest.slice(0, 21) + lastOf.get(digest.charAt(21));
};

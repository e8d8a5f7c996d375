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

/** Holds the kept half of a hash while it is turned into text: a slice of the text of the whole hash would keep the whole text in memory. */
const half = Buffer.allocUnsafeSlow(16);

/**
 * 128 bits of SHA-256 over stream name and `_id`, 22 base64url characters. The length in front keeps `a`+`bc` and `ab`+`c` apart.
 */
export const eventKey = (index: string, id: string): string => {
  const stream = streamOf(index);
  half.write(hash('sha256', `${stream.length}:${stream}${id}`, 'binary'), 'latin1');
  return half.toString('base64url');
};

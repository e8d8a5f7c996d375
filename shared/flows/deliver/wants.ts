import type { EcsEvent } from '../../core/event.ts';
import type { Filter } from '../../core/filter.ts';
import { matcher } from '../../core/filter-match.ts';
import type { Manifest } from '../../core/segment.ts';

/** Whether a subscription wants a journaled event; `undefined` when it wants all, and no line need be parsed. */
export const wantsOf = (
  filter: Filter | undefined,
  notBefore: string | undefined,
): ((line: Uint8Array, segment: Manifest) => boolean) | undefined => {
  const matches = filter && Object.keys(filter).length > 0 ? matcher(filter) : undefined;
  if (!matches && notBefore === undefined) return undefined;
  return (line, segment) => {
    const early = notBefore !== undefined && (segment.minTime === null || segment.minTime < notBefore);
    if (!matches && !early) return true;
    const event = parsed(line);
    if (early && event['@timestamp'] !== undefined && event['@timestamp'] < notBefore) return false;
    return matches ? matches(event) : true;
  };
};

/** `@timestamp` of the first event that has one. */
export const firstTimeOf = (lines: readonly Uint8Array[]): { readonly firstTime?: string } => {
  for (const line of lines) {
    const time = parsed(line)['@timestamp'];
    if (time !== undefined) return { firstTime: time };
  }
  return {};
};

const parsed = (line: Uint8Array): EcsEvent =>
  JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8')) as EcsEvent;

import type { EcsEvent } from '../../core/event.ts';
import type { Filter } from '../../core/filter.ts';
import { matcher } from '../../core/filter-match.ts';
import { type Form, formOf, isAsJournaled, parsedLine } from '../../core/form.ts';
import { canonicalText, type Manifest } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { View } from '../journal/viewed-lines.ts';

/**
 * How a subscription sees the journal: the events it wants, in the form in which they travel. `undefined` when it wants all as they lie
 * there, and no line need be parsed.
 */
export const viewOf = (
  { filter, format, fields, personalData }: Pick<Subscription, 'filter' | keyof Form>,
  notBefore: string | undefined,
): View | undefined => {
  const form: Form = { format, ...(fields && { fields }), ...(personalData && { personalData }) };
  const wants = wantsOf(filter, notBefore);
  if (!wants && isAsJournaled(form)) return undefined;
  const write = isAsJournaled(form) ? undefined : formOf(form);
  return {
    name: canonicalText({ ...form, filter: filter ?? null, notBefore: notBefore ?? null }),
    see: (line, segment) => {
      let parsed: EcsEvent | undefined;
      const event = (): EcsEvent => {
        parsed ??= parsedLine(line);
        return parsed;
      };
      if (wants && !wants(event, segment)) return undefined;
      return write ? Buffer.from(JSON.stringify(write(event()))) : line;
    },
  };
};

/** Whether a journaled event is wanted; `undefined` when all are. */
const wantsOf = (
  filter: Filter | undefined,
  notBefore: string | undefined,
): ((event: () => EcsEvent, segment: Manifest) => boolean) | undefined => {
  const matches = filter && Object.keys(filter).length > 0 ? matcher(filter) : undefined;
  if (!matches && notBefore === undefined) return undefined;
  return (event, segment) => {
    const early = notBefore !== undefined && (segment.minTime === null || segment.minTime < notBefore);
    if (!matches && !early) return true;
    const time = early ? event()['@timestamp'] : undefined;
    if (early && time !== undefined && time < notBefore) return false;
    return matches ? matches(event()) : true;
  };
};

/** `@timestamp` of the first event that has one; it always travels. */
export const firstTimeOf = (lines: readonly Uint8Array[]): { readonly firstTime?: string } => {
  for (const line of lines) {
    const time = parsedLine(line)['@timestamp'];
    if (time !== undefined) return { firstTime: time };
  }
  return {};
};

import type { EcsEvent } from '../../core/event.ts';
import type { Filter } from '../../core/filter.ts';
import { matcher } from '../../core/filter-match.ts';
import { eventTimeIn, type Form, formOf, isAsJournaled, parsedLine } from '../../core/form.ts';
import { canonicalText, type Manifest } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { View } from '../journal/viewed-lines.ts';

/**
 * How a subscription sees the journal: the events it wants, in the form in which they travel. `undefined` when it wants all as they lie
 * there, and no line need be parsed.
 */
export const viewOf = (
  { filter, format, fields, personalData }: Pick<Subscription, 'filter' | keyof Form>,
  span: Span,
): View | undefined => {
  const form: Form = { format, ...(fields && { fields }), ...(personalData && { personalData }) };
  const wants = wantsOf(filter, span);
  if (!wants && isAsJournaled(form)) return undefined;
  const write = isAsJournaled(form) ? undefined : formOf(form);
  return {
    name: canonicalText({
      ...form,
      filter: filter ?? null,
      notBefore: span.notBefore ?? null,
      notAfter: span.notAfter ?? null,
    }),
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

/** Events older than the one are passed over, and those of the other or later; both instants. */
export interface Span {
  readonly notBefore: string | undefined;
  readonly notAfter: string | undefined;
}

/** Whether no event of a segment lies within: it need not be read. Only where every event has a time. */
export const liesOutside = ({ kind, minTime, maxTime }: Manifest, { notBefore, notAfter }: Span): boolean => {
  if ((kind !== 'scan' && kind !== 'late') || minTime === null || maxTime === null) return false;
  return (notBefore !== undefined && maxTime < notBefore) || (notAfter !== undefined && minTime >= notAfter);
};

/** Whether a journaled event is wanted; `undefined` when all are. */
const wantsOf = (
  filter: Filter | undefined,
  { notBefore, notAfter }: Span,
): ((event: () => EcsEvent, segment: Manifest) => boolean) | undefined => {
  const matches = filter && Object.keys(filter).length > 0 ? matcher(filter) : undefined;
  if (!matches && notBefore === undefined && notAfter === undefined) return undefined;
  return (event, segment) => {
    const early = notBefore !== undefined && (segment.minTime === null || segment.minTime < notBefore);
    const late = notAfter !== undefined && (segment.maxTime === null || segment.maxTime >= notAfter);
    if (!matches && !early && !late) return true;
    const time = early || late ? event()['@timestamp'] : undefined;
    if (early && time !== undefined && time < notBefore) return false;
    // A range that has an end holds no event without a time.
    if (late && (time === undefined || time >= notAfter)) return false;
    return matches ? matches(event()) : true;
  };
};

/** `@timestamp` of the first event that has one; it always travels. */
export const firstTimeOf = (lines: readonly Uint8Array[]): { readonly firstTime?: string } => {
  for (const line of lines) {
    const time = eventTimeIn(line);
    if (time !== undefined) return { firstTime: time };
  }
  return {};
};

import { earliest, type Instant, latest } from '../instant.ts';
import type { Question } from './question.ts';

export interface TimeRange {
  readonly from?: Instant;
  readonly to?: Instant;
}

/** A range of `@timestamp` outside of which the question accepts nothing. An end about which the question says nothing is absent. */
export const timeRangeOf = (question: Question): TimeRange => {
  switch (question.kind) {
    case 'time': {
      const { field, from, to } = question;
      return field === '@timestamp' ? rangeOf(from, to) : {};
    }
    case 'and':
      return question.of.map(timeRangeOf).reduce(intersection);
    case 'or':
      return question.of.map(timeRangeOf).reduce(union);
    default:
      return {};
  }
};

export const intersection = (a: TimeRange, b: TimeRange): TimeRange =>
  rangeOf(of(latest, a.from, b.from), of(earliest, a.to, b.to));

/** The range that covers both; an end is absent if it is absent in one of them. */
const union = (a: TimeRange, b: TimeRange): TimeRange =>
  rangeOf(
    a.from === undefined || b.from === undefined ? undefined : earliest(a.from, b.from),
    a.to === undefined || b.to === undefined ? undefined : latest(a.to, b.to),
  );

const of = (
  choose: (a: Instant, b: Instant) => Instant,
  a: Instant | undefined,
  b: Instant | undefined,
): Instant | undefined => (a === undefined || b === undefined ? (a ?? b) : choose(a, b));

const rangeOf = (from: Instant | undefined, to: Instant | undefined): TimeRange => ({
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** The first field that is asked for a value beginning with a star, which can be found only by reading every value. */
export const leadingStarIn = (question: Question): string | undefined => {
  switch (question.kind) {
    case 'and':
    case 'or':
      return question.of.map(leadingStarIn).find((field) => field !== undefined);
    case 'not':
      return leadingStarIn(question.of);
    case 'text':
      return question.parts.length > 1 && question.parts[0] === '' ? question.field : undefined;
    case 'exists':
    case 'address':
    case 'number':
    case 'time':
      return undefined;
    default:
      return question satisfies never;
  }
};

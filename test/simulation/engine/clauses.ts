/** Which documents a query of the source selects, as Elasticsearch decides it. */
import { beginningOfTime, endOfTime, type Instant, toInstant } from '../../../shared/core/instant.ts';
import type { Document, Index } from './index-set.ts';

export interface Placed {
  readonly index: Index;
  readonly document: Document;
}

export interface Query {
  readonly bool?: { readonly filter?: Clauses; readonly must_not?: Clauses };
}

type Clauses = readonly Clause[] | Clause;

export interface Clause {
  readonly range?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly ids?: { readonly values: readonly string[] };
  readonly wildcard?: { readonly _index?: { readonly value: string } };
  readonly terms?: { readonly _index?: readonly string[] };
  readonly bool?: Query['bool'];
}

export const selects = (query: Query | undefined, placed: Placed): boolean => holds({ ...query }, placed);

const listOf = (clauses: Clauses | undefined): readonly Clause[] =>
  clauses === undefined ? [] : Array.isArray(clauses) ? clauses : [clauses as Clause];

const holds = (clause: Clause, placed: Placed): boolean => {
  const { range, ids, wildcard, terms, bool, ...unknown } = clause;
  if (Object.keys(unknown).length > 0)
    throw new Error(`the simulated engine knows no clause ${JSON.stringify(clause)}`);
  if (range && !Object.values(range).every((bounds) => isWithin(bounds, placed))) return false;
  if (ids && !ids.values.includes(placed.document.id)) return false;
  if (wildcard?._index && !matchesPattern(wildcard._index.value, placed.index.name)) return false;
  if (terms?._index && !terms._index.includes(placed.index.name)) return false;
  return (
    listOf(bool?.filter).every((inner) => holds(inner, placed)) &&
    !listOf(bool?.must_not).some((inner) => holds(inner, placed))
  );
};

/** An index of milliseconds cuts the bounds to milliseconds before it compares. */
const isWithin = (bounds: Readonly<Record<string, string>>, { index, document: { time } }: Placed): boolean => {
  if (time === undefined) return false;
  const seen = (text: string): string => (index.precision === 'millis' ? text.slice(0, 23) : text);
  return Object.entries(bounds).every(([name, value]) => {
    if (name === 'format') return true;
    const bound = seen(instantOf(value));
    const own = seen(time);
    switch (name) {
      case 'gte':
        return own >= bound;
      case 'gt':
        return own > bound;
      case 'lte':
        return own <= bound;
      case 'lt':
        return own < bound;
      default:
        throw new Error(`the simulated engine knows no bound ${name}`);
    }
  });
};

export const instantOf = (text: string): Instant => {
  const instant = toInstant(text);
  if (!instant) throw new Error(`the simulated engine reads no time in "${text}"`);
  return instant;
};

const matchesPattern = (pattern: string, name: string): boolean =>
  name.includes(pattern.replace(/^\*|\*$/g, '').replace(/\\(.)/g, '$1'));

/** What can be sorted as nanoseconds. */
export const isSortable = (time: Instant | undefined): time is Instant =>
  time !== undefined && time >= beginningOfTime && time <= endOfTime;

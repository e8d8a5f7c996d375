/**
 * A question about events as a tree of plain values, so that it can be stored, hashed and compared.
 *
 * What a leaf means is the same for the predicate (`match-question.ts`) and for Elasticsearch (`filter-elasticsearch.ts`):
 * - texts compare as a whole and without regard to case; `*` in a pattern stands for any text, the empty one too;
 * - of a field that holds a list one matching value is enough;
 * - an event without the field does not match a leaf, so it matches its `not`.
 */
import type { Instant } from '../instant.ts';

export type Question =
  | { readonly kind: 'and' | 'or'; readonly of: readonly [Question, Question, ...Question[]] }
  | { readonly kind: 'not'; readonly of: Question }
  | Leaf;

export type Leaf =
  /** The field is there, and holds at least one value. */
  | { readonly kind: 'exists'; readonly field: string }
  /** `parts` are the texts between the stars, in lower case: one part is a whole value, `['', 'oauth', '']` is `*oauth*`. */
  | { readonly kind: 'text'; readonly field: string; readonly parts: readonly [string, ...string[]] }
  /** An address or a CIDR block in canonical form. */
  | { readonly kind: 'address'; readonly field: string; readonly block: string }
  | ({ readonly kind: 'number'; readonly field: string } & Bounds<number>)
  | ({ readonly kind: 'time'; readonly field: string } & Bounds<Instant>);

/** At least one bound. Bounds are inclusive, except the one that `open` names. */
export interface Bounds<Value> {
  readonly from?: Value;
  readonly to?: Value;
  readonly open?: 'from' | 'to';
}

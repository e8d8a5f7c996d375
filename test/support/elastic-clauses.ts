/** What Elasticsearch makes of a document and of the clauses that Sluice sends, as far as that is needed to know which documents match. */
import type { Clause } from '../../shared/core/filter-elasticsearch.ts';

/** How every leaf of an index is mapped. `dynamic`: what Elasticsearch does without a mapping. */
export type Mapping = 'dynamic' | 'keyword';

type Terms = ReadonlyMap<string, readonly (string | number)[]>;

/** Every leaf by its dotted path, whatever mix of dots and nesting the document has. */
const leavesOf = (document: unknown): Terms => {
  const leaves = new Map<string, (string | number)[]>();
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, path);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) visit(inner, path === '' ? key : `${path}.${key}`);
    else if (typeof value === 'string' || typeof value === 'number')
      leaves.set(path, [...(leaves.get(path) ?? []), value]);
    else if (typeof value === 'boolean') leaves.set(path, [...(leaves.get(path) ?? []), String(value)]);
  };
  visit(document, '');
  return leaves;
};

/** Roughly the standard analyzer: words of letters, digits and underscores, with a sign between two letters or two digits. @see UAX #29 */
const analysed = (text: string): readonly string[] => text.toLowerCase().match(words) ?? [];
const words = /[\p{L}\p{N}_]+(?:(?:(?<=\p{L})[.:'](?=\p{L})|(?<=\p{N})[.,;'](?=\p{N}))[\p{L}\p{N}_]+)*/gu;

export const clauseMatches = (clause: Clause, document: unknown, mapping: Mapping): boolean => {
  const leaves = leavesOf(document);
  const termsAt = (path: string): readonly (string | number)[] =>
    (leaves.get(path) ?? []).flatMap((value) =>
      typeof value === 'number' || mapping === 'keyword' ? [value] : [...analysed(value)],
    );
  const holds = (one: Clause): boolean => {
    const [[kind, body] = ['', undefined]] = Object.entries(one);
    const inner = body as Readonly<Record<string, unknown>>;
    const [[path, wanted] = ['', {}]] = Object.entries(inner) as [string, Readonly<Record<string, unknown>>][];
    switch (kind) {
      case 'bool': {
        const { should = [], must_not = [] } = inner as { should?: Clause[]; must_not?: Clause[] };
        return (should.length === 0 || should.some(holds)) && !must_not.some(holds);
      }
      // Of `_ignored`: everything is indexed here, however long.
      case 'terms':
        return false;
      case 'exists':
        return (leaves.get(String(inner['field'])) ?? []).length > 0;
      case 'match': {
        const terms = termsAt(path).map(String);
        const query = String(wanted['query']);
        const parts = mapping === 'keyword' ? [query] : analysed(query);
        return parts.length > 0 && parts.every((part) => terms.includes(part));
      }
      case 'wildcard': {
        const text = String(wanted['value']).slice(1, -1).replace(/\\(.)/g, '$1').toLowerCase();
        return termsAt(path).some((term) => typeof term === 'string' && term.toLowerCase().includes(text));
      }
      case 'range': {
        const within = (term: string | number): boolean =>
          Object.entries(wanted).every(([bound, limit]) => {
            const edge: string | number = typeof term === 'number' ? Number(limit) : String(limit);
            if (bound === 'gte') return term >= edge;
            if (bound === 'gt') return term > edge;
            if (bound === 'lt') return term < edge;
            throw new Error(`unknown bound ${bound}`);
          });
        return termsAt(path).some(within);
      }
      default:
        throw new Error(`unknown clause ${kind}`);
    }
  };
  return holds(clause);
};

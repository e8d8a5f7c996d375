import { describe, expect, it } from 'vitest';
import type { Hit } from '../../shared/core/event.ts';
import type { Filter } from '../../shared/core/filter.ts';
import { elasticsearchHint, type IndexedAs } from '../../shared/core/filter-elasticsearch.ts';
import { matcher } from '../../shared/core/filter-match.ts';
import { parseQuestion } from '../../shared/core/question/parse-question.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeNone } from '../../shared/core/tenants.ts';
import { clauseMatches, type Mapping } from '../support/elastic-clauses.ts';

const read = hitReader({ timeField: '@timestamp', attribute: attributeNone });
const indexedAs: Readonly<Record<Mapping, IndexedAs>> = {
  dynamic: (path) => [{ kind: 'text', words: path }],
  keyword: () => [{ kind: 'keyword' }],
};
const mappings: readonly Mapping[] = ['dynamic', 'keyword'];

const hitOf = (message: object): Hit => ({
  _index: 'closer',
  _id: '1',
  _source: { '@timestamp': '2026-05-05T10:00:00Z', message },
});
const leaves = (filter: Filter, hit: Hit, mapping: Mapping) =>
  elasticsearchHint(filter, indexedAs[mapping]).every((clause) => clauseMatches(clause, hit._source, mapping));
const accepts = (filter: Filter, hit: Hit) => matcher(filter)(read(hit, '2026-05-05T10:00:01.000Z').event);

describe.each(mappings)('the hint to an Elasticsearch with a %s mapping', (mapping) => {
  it('leaves out no status between bounds of fewer or more than three digits, or with a fraction', () => {
    const statuses = [100, 101, 204, 404, 999, '204', '404 Not Found', ' 404', '999x', '100'];
    const hits = statuses.map((status) => hitOf({ 'http.response.status_code': status }));
    let accepted = 0;
    for (const bound of [-1, 0, 5, 40, 99, 99.5, 100, 100.5, 203.5, 204, 998.5, 999, 999.5, 1_000, 40_000])
      for (const operator of [':', '<', '<=', '>', '>=']) {
        const text = `http.response.status_code ${operator} ${bound}`;
        const filter = { question: parseQuestion(text) };
        for (const hit of hits.filter((one) => accepts(filter, one))) {
          accepted += 1;
          expect(leaves(filter, hit, mapping), `${JSON.stringify(hit._source)} for ${text}`).toBe(true);
        }
      }
    expect(accepted).toBeGreaterThan(300);
  });

  it.each(['--', '???', '*', '***', '_', '(.)', '5', '12345678901234567000', '1e21'])(
    'leaves out no event that holds %s',
    (value) => {
      const hit = hitOf({
        'event.action': value,
        'http.request.method': value,
        'user.id': value,
        'user.roles': ['AGENT', value],
      });
      const questions = [
        { action: [value] },
        { method: [value] },
        { user: [value] },
        { role: [value] },
        ...['event.action', 'http.request.method', 'user.id', 'user.roles'].map((field) => ({
          question: parseQuestion(`${field}: "${value.replaceAll('*', '\\*')}"`),
        })),
      ];
      for (const filter of questions) {
        expect(accepts(filter, hit), JSON.stringify(filter)).toBe(true);
        expect(leaves(filter, hit, mapping), JSON.stringify(filter)).toBe(true);
        expect(elasticsearchHint(filter, indexedAs[mapping])).toEqual([]);
      }
    },
  );
});

import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import type { Told } from '../support/wire-tap.ts';
import { standInElastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf } from './stage.ts';

/** What `GET /` says of a version. Serverless names a version too, but promises none. */
const servers = [
  { name: 'Elasticsearch 7.17.29', version: { number: '7.17.29', build_flavor: 'default' } },
  { name: 'Elasticsearch 8.0.0', version: { number: '8.0.0', build_flavor: 'default' } },
  { name: 'Elasticsearch 8.19.21', version: { number: '8.19.21', build_flavor: 'default' } },
  { name: 'Elasticsearch 9.5.3', version: { number: '9.5.3', build_flavor: 'default' } },
  { name: 'Elasticsearch 8.11.0', version: { number: '8.11.0', build_flavor: 'serverless' } },
];

describe('stand-in, answers changed', () => {
  it('F42 the server is 7.17, 8, 9 or Serverless: it is read; it is OpenSearch or no search server: preflight says so by name', async () => {
    for (const { name, version } of servers) {
      const elastic = await standInElastic();
      const events = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 3);
      await elastic.put(events);
      elastic.tap.obey((asked, forward) => (asked.path === '/' ? { status: 200, body: { version } } : forward()));
      const stage = aStageBefore(elastic);
      expect((await stage.source.preflight()).description).toBe(name);
      await stage.pull();
      await stage.expectOnce(idsOf(events));
    }

    const strangers: Readonly<Record<string, Told>> = {
      'OpenSearch 2 and 3': { status: 200, body: { indices: ['closer-a'], fields: {} }, namesProduct: false },
      'a proxy with a page of its own': { status: 200, body: '<html>Welcome</html>', namesProduct: false },
    };
    for (const [kind, told] of Object.entries(strangers)) {
      const elastic = await standInElastic();
      elastic.tap.obey(() => told);
      const stage = aStageBefore(elastic);
      await expect(stage.pull(), kind).rejects.toThrow(OperatorMustFix);
      await expect(stage.pull(), kind).rejects.toThrow(
        /answers, but it is not Elasticsearch \(its answers have no X-Elastic-Product header; OpenSearch is not supported\)\. Let SLUICE_SOURCE_URL .* name an Elasticsearch 7\.17, 8 or 9\./,
      );
      expect(await stage.journaled()).toEqual([]);
    }
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import type { Hit } from '../../../shared/core/event.ts';
import type { Filter } from '../../../shared/core/filter.ts';
import { matcher } from '../../../shared/core/filter-match.ts';
import { beginningOfTime, endOfTime } from '../../../shared/core/instant.ts';
import { parseQuestion } from '../../../shared/core/question/parse-question.ts';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeTo, type Tenant } from '../../../shared/core/tenants.ts';
import type { Source } from '../../../shared/ports/source.ts';
import { describeReal } from '../support/server-url.ts';
import { bodyText, documents, emails, members, names, uuids, values } from './random-documents.ts';
import { type Server, serverAt } from './server.ts';

const text = { type: 'text' };
const keyword = { type: 'keyword', ignore_above: 1_024 };
const textBeside = { type: 'keyword', ignore_above: 1_024, fields: { text } };
const wordsAlone = { type: 'match_only_text' };
const inMessage = (message: object) => ({ properties: { '@timestamp': { type: 'date' }, message } });

/** `read`: how much of the index is read for a tenant of one organisation. Half of the random events hold a value in an odd spelling. */
const mappings: readonly {
  name: string;
  mapping: object;
  settings?: object;
  /** What a server has that refuses this for a reason of its version. */
  without?: { refused: string; mapping: object };
  body?: fc.Arbitrary<unknown>;
  read?: number;
}[] = [
  { name: 'dynamic', mapping: {}, read: 0.75 },
  {
    name: 'keywords, with texts beside what is long',
    mapping: {
      dynamic_templates: [
        { long: { match: '*content', mapping: textBeside } },
        { urls: { match_pattern: 'regex', match: 'full|original', mapping: textBeside } },
        { short: { match_mapping_type: 'string', mapping: keyword } },
      ],
    },
    read: 0.95,
  },
  { name: 'bodies that were parsed already', mapping: {}, body: members, read: 0.75 },
  {
    name: 'words without what ranks them, which is what ECS has',
    mapping: {
      dynamic_templates: [
        { long: { match_pattern: 'regex', match: 'content|full|original', mapping: wordsAlone } },
        { short: { match_mapping_type: 'string', mapping: { ...keyword, fields: { text: wordsAlone } } } },
      ],
    },
    without: {
      refused: 'match_only_text',
      mapping: { dynamic_templates: [{ all: { match_mapping_type: 'string', mapping: text } }] },
    },
    read: 0.95,
  },
  {
    name: 'addresses as addresses, where they are such',
    mapping: inMessage({
      properties: {
        source: {
          properties: { ip: { type: 'ip', ignore_malformed: true }, address: { type: 'ip', ignore_malformed: true } },
        },
        user: { properties: { roles: { type: 'keyword', ignore_above: 128 } } },
      },
    }),
    read: 0.75,
  },
  {
    name: 'fields beyond a limit, which are dropped',
    mapping: inMessage({ properties: { event: { properties: { action: keyword } } } }),
    settings: {
      'index.mapping.total_fields.limit': 5,
      'index.mapping.total_fields.ignore_dynamic_beyond_limit': true,
    },
    // 7.17 refuses documents beyond a limit, and drops nothing.
    without: { refused: 'unknown setting [index.mapping.total_fields.ignore_dynamic_beyond_limit]', mapping: {} },
  },
  {
    name: 'texts without the places of their words',
    mapping: inMessage({ properties: { user: { properties: { email: { type: 'text', index_options: 'docs' } } } } }),
    read: 1,
  },
  {
    name: 'nothing but the action',
    mapping: {
      dynamic: false,
      ...inMessage({ properties: { event: { properties: { action: keyword } } } }),
    },
    read: 1,
  },
  {
    name: 'users that are not indexed',
    mapping: inMessage({ properties: { user: { type: 'object', enabled: false } } }),
    read: 1,
  },
  {
    name: 'keywords too short for an id',
    mapping: inMessage({ properties: { user: { properties: { id: { type: 'keyword', ignore_above: 30 } } } } }),
    read: 1,
  },
  {
    name: 'an analyzer that cuts elsewhere',
    mapping: inMessage({
      properties: { url: { properties: { full: { type: 'text', analyzer: 'whitespace' } } } },
    }),
    read: 1,
  },
];

const range = { from: beginningOfTime, to: endOfTime };
const idsOf = async (source: Source, request: { evidence?: Tenant; where?: Filter }): Promise<ReadonlySet<string>> => {
  const walk = await source.open({ range, ...request });
  try {
    const page = await walk.page(undefined, 5_000);
    if (page.kind !== 'page') throw new Error(page.reason);
    expect(page.hits.length).toBe(walk.count);
    const first = await source.first?.({ range, ...request }, 5_000);
    expect(first?.hits.map(({ _id }) => _id).sort()).toEqual(page.hits.map(({ _id }) => _id).sort());
    return new Set(page.hits.map(({ _id }) => String(_id)));
  } finally {
    await walk.close();
  }
};

const subsetOf = (texts: readonly string[]) => fc.subarray([...texts], { maxLength: Math.min(3, texts.length) });
const tenants = fc.record({
  id: fc.constant('one'),
  organizations: subsetOf([...uuids, ...names]),
  users: subsetOf(values.map((each) => each.toUpperCase())),
  emails: subsetOf(emails),
  emailDomains: subsetOf(['aurora.example.com', 'baltic-sea.example.com']),
  indices: fc.constantFrom<string[]>([], [], [], ['other-*'], ['tenants-dyn*', 'x'], ['*keywords*']),
});

describeReal('tenants in Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (address) => {
  const server: Server = serverAt(address);
  const sourceOf = (index: string): Source =>
    elasticsearchSource({
      id: index,
      url: address,
      index,
      timeField: '@timestamp',
      secrets: { get: async () => undefined },
      clock: { nowMs: Date.now, sleep: async () => {} },
    });

  describe.each(mappings)(
    'an index with $name',
    ({ name, mapping, settings, without, body = bodyText, read: most }) => {
      const index = `tenants-${name.replaceAll(/[^a-z]/g, '')}-${process.pid}`;
      const hits: Hit[] = fc.sample(documents(body), { numRuns: 400, seed: 7 }).map((source, n) => ({
        _index: index,
        _id: String(n),
        _source: { '@timestamp': new Date(1_750_000_000_000 + n).toISOString(), ...source },
      }));
      const source = sourceOf(index);
      beforeAll(async () => {
        const create = (mappings: object, more = {}) =>
          server.send('PUT', `/${index}`, {
            mappings,
            settings: { number_of_shards: 1, number_of_replicas: 0, ...more },
          });
        await create(mapping, settings).catch((error: Error) => {
          if (without === undefined || !error.message.includes(without.refused)) throw error;
          return create(without.mapping);
        });
        await server.index(hits.map(({ _id, _source }) => ({ index, id: _id, source: _source })));
      });
      afterAll(() => server.send('DELETE', `/${index}`));

      const ownedBy = (tenant: Tenant): readonly string[] => {
        const read = hitReader({ timeField: '@timestamp', attribute: attributeTo({ tenants: [tenant] }) });
        return hits.filter((hit) => read(hit, '').tenant === tenant.id).map(({ _id }) => String(_id));
      };

      it('no event of a tenant is left on the server', async () => {
        let owned = 0;
        await fc.assert(
          fc.asyncProperty(tenants, async (tenant) => {
            const found = await idsOf(source, { evidence: tenant });
            const own = ownedBy(tenant);
            owned += own.length;
            expect(own.filter((id) => !found.has(id))).toEqual([]);
          }),
          { numRuns: 60 },
        );
        expect(owned).toBeGreaterThan(100);
      });

      if (most !== undefined)
        it(`of the events of others ${most < 1 ? 'many are left there' : 'all are read: which they are cannot be told'}`, async () => {
          const one = {
            id: 'one',
            organizations: [uuids[3] ?? ''],
            users: [],
            emails: [],
            emailDomains: [],
            indices: [],
          };
          const found = await idsOf(source, { evidence: one });
          if (most === 1) expect(found.size).toBe(hits.length);
          else expect(found.size).toBeLessThan(hits.length * most);
        });

      it('no event that a question accepts is left on the server', async () => {
        const read = hitReader({ timeField: '@timestamp', attribute: attributeTo({ tenants: [] }) });
        const questions: readonly Filter[] = [
          { user: [uuids[4] ?? ''] },
          { action: ['agent_login'] },
          { outcome: ['failure'] },
          { role: ['admin'] },
          { ip: ['203.0.113.9'] },
          { ip: ['203.0.112.0/20', '10.0.0.0/8'] },
          { ip: ['2001:db8::/32'] },
          { question: parseQuestion('source.ip: 203.0.113.9 or user.roles: ADMIN and not event.action: agent_login') },
        ];
        for (const where of questions) {
          const found = await idsOf(source, { where });
          const right = hits.filter((hit) => matcher(where)(read(hit, '').event)).map(({ _id }) => String(_id));
          expect(right.length).toBeGreaterThan(5);
          expect(right.filter((id) => !found.has(id))).toEqual([]);
        }
      });
    },
  );

  it('a tenant of as many values as are looked for is one search', async () => {
    const index = `tenants-many-${process.pid}`;
    const source = sourceOf(index);
    const [mine, others] = [uuids[0] ?? '', uuids[1] ?? ''];
    await server.index(
      [mine, others].map((user) => ({
        index,
        id: user,
        source: { '@timestamp': '2026-05-05T10:00:00Z', message: { 'event.action': 'agent_login', 'user.id': user } },
      })),
    );
    const users = [
      mine,
      ...Array.from({ length: 249 }, (_, n) => `${String(n).padStart(8, '0')}${mine.slice(8, -4)}${n + 1_000}`),
    ];
    const addresses = Array.from({ length: 250 }, (_, n) => `first.last.${n}@some-host.example.com`);
    const evidence = { id: 'one', organizations: [], users, emails: addresses, emailDomains: [], indices: [] };
    const first = await source.first?.({ range, evidence }, 10);
    expect(first).toMatchObject({ extent: 'all', hits: [{ _id: mine }] });
    await server.send('DELETE', `/${index}`);
  });
});

import { describe, expect, it } from 'vitest';
import { layoutIn } from '../../shared/adapters/elasticsearch/layout.ts';
import type { IndexedAs } from '../../shared/core/filter-elasticsearch.ts';
import { tenantHint } from '../../shared/core/tenant-elasticsearch.ts';
import type { Tenant } from '../../shared/core/tenants.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import {
  aSource,
  elasticsearch,
  errorAnswer,
  indexPath,
  january,
  searchAnswer,
} from '../support/elasticsearch-on-the-wire.ts';

const uuid = 'dc96c64e-572e-4c1a-a345-d1b13076b0eb';
const tenantOf = (lists: Partial<Tenant> = {}): Tenant => ({
  id: 'aurora',
  organizations: [],
  users: [],
  emails: [],
  emailDomains: [],
  indices: [],
  ...lists,
});

const text = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
const keyword = { type: 'keyword', ignore_above: 1_024 };
/** An index whose `message` has these fields, and that is otherwise as Elasticsearch makes it. */
const indexWith = (properties: object, root: object = {}, settings: object = {}) => ({
  'closer-1': { settings: { index: settings }, mappings: { ...root, properties: { message: { properties } } } },
});
const usual = { event: { properties: { action: text } }, user: { properties: { id: text } } };

describe('what is known of a mapping', () => {
  it.each<[string, object]>([
    ['texts as Elasticsearch maps them by itself', indexWith(usual)],
    ['an index without a mapping', { 'closer-1': {} }],
    ['no index', {}],
    ['a strict mapping', indexWith({ ...usual }, { dynamic: 'strict' })],
    ['a message that is a text', { 'closer-1': { mappings: { properties: { message: text } } } }],
    ['a text or a number where others have an object', indexWith({ url: text, user: { type: 'long' } })],
    ['numbers where an id is expected', indexWith({ user: { properties: { id: { type: 'long' } } } })],
    [
      'a field that no clause asks for',
      indexWith({ event: { properties: { original: { type: 'keyword', index: false } } } }),
    ],
    ['an object that no clause asks for', indexWith({ user: { properties: { geo: { enabled: false } } } })],
    [
      'an action with a normalizer',
      indexWith({ event: { properties: { action: { ...keyword, normalizer: 'lower' } } } }),
    ],
  ])('%s: hints are sent', (_, indices) => {
    expect(layoutIn(indices as never)).toMatchObject({ kind: 'plain' });
  });

  it.each<[string, object]>([
    ['fields that are not mapped are not indexed', indexWith(usual, { dynamic: 'false' })],
    ['fields are made when they are asked for', indexWith(usual, { dynamic: 'runtime' })],
    ['the mapping computes fields', indexWith(usual, { runtime: { 'message.user.id': { type: 'keyword' } } })],
    ['names with dots are no objects', indexWith(usual, { subobjects: false })],
    ['an object is not indexed', indexWith({ ...usual, user: { type: 'object', enabled: false } })],
    ['a part of message is not indexed', indexWith({ http: { dynamic: false, properties: {} } })],
    ['objects are documents of their own', indexWith({ user: { type: 'nested', properties: { id: keyword } } })],
    ['a whole object is one field', indexWith({ user: { type: 'flattened' } })],
    ['message is one field', { 'closer-1': { mappings: { properties: { message: { type: 'flattened' } } } } }],
    ['an id is not indexed', indexWith({ user: { properties: { id: { ...keyword, index: false } } } })],
    ['an action is not indexed', indexWith({ event: { properties: { action: { ...keyword, index: false } } } })],
    ['an id is another field’s name', indexWith({ user: { properties: { id: { type: 'alias', path: 'uid' } } } })],
    ['an id is a date', indexWith({ user: { properties: { id: { type: 'date' } } } })],
    ['long ids are left out', indexWith({ user: { properties: { id: { ...keyword, ignore_above: 30 } } } })],
    ['long keywords are left out', indexWith(usual, {}, { mapping: { ignore_above: '30' } })],
    [
      'a text has an analyzer of its own',
      indexWith({ url: { properties: { full: { ...text, analyzer: 'simple' } } } }),
    ],
    [
      'texts have an analyzer of their own',
      indexWith(usual, {}, { analysis: { analyzer: { default: { type: 'simple' } } } }),
    ],
    ['words without places', indexWith({ user: { properties: { email: { ...text, index_options: 'docs' } } } })],
    ['one index of two is such', { ...indexWith(usual), 'closer-2': { mappings: { dynamic: 'false' } } }],
  ])('%s: everything is read', (_, indices) => {
    expect(layoutIn(indices as never)).toMatchObject({ kind: 'odd', reason: expect.stringMatching(/^closer-[12]: /) });
  });
});

const indexedIn = (indices: object): IndexedAs => {
  const layout = layoutIn(indices as never);
  if (layout.kind === 'odd') throw new Error(layout.reason);
  return layout.indexedAs;
};

describe('the hint of a tenant', () => {
  const asTexts = indexedIn(indexWith(usual));
  const asKeywords = indexedIn(
    indexWith({
      ...usual,
      http: { properties: { request: { properties: { body: { properties: { content: keyword } } } } } },
    }),
  );

  it.each<[string, Partial<Tenant>]>([
    ['a number, which can be written in many ways', { users: ['1500'] }],
    ['a letter beyond ASCII', { emails: ['łucja@aurora.example.com'] }],
    ['a sign that JSON escapes', { organizations: ['a"b'] }],
    ['a value without a word', { organizations: ['--'] }],
    ['a value that may be too long for an index', { users: ['x'.repeat(129)] }],
    ['more values than one search takes', { users: Array.from({ length: 501 }, (_, n) => `user-${n}`) }],
  ])('is none for %s', (_, lists) => {
    expect(tenantHint(tenantOf(lists), asTexts)).toEqual([]);
  });

  it('is none where bodies are keywords alone, which are not indexed when they are long', () => {
    expect(tenantHint(tenantOf({ users: [uuid] }), asKeywords)).toEqual([]);
  });

  it('asks for every value, of a UUID for its last word', () => {
    const [hint] = tenantHint(
      tenantOf({ users: [uuid.toUpperCase()], emailDomains: ['baltic-sea.example.com'] }),
      asTexts,
    );
    expect(JSON.stringify(hint)).toContain(JSON.stringify('"d1b13076b0eb" "baltic-sea.example.com"'));
  });
});

describe('hints on the wire', () => {
  const plain = () => elasticsearch().get(indexPath).query(true).reply(200, indexWith(usual));
  const searched = (seen: unknown[]) =>
    elasticsearch()
      .post(/_search/, (body) => seen.push(JSON.stringify(body.query)) > 0)
      .reply(200, searchAnswer({ pit_id: undefined }));
  const evidence = tenantOf({ users: [uuid] });

  it('a tenant’s values are part of the search, with the mapping of ten seconds ago', async () => {
    const clock = recordingClock();
    const source = aSource({ clock });
    const seen: string[] = [];
    plain();
    for (let search = 0; search < 2; search++) {
      searched(seen);
      await source.first?.({ ...january, evidence }, 1);
    }
    expect(seen[0]).toContain('d1b13076b0eb');
    expect(seen[1]).toBe(seen[0]);
    clock.advance(10_000);
    elasticsearch()
      .get(indexPath)
      .query(true)
      .reply(200, indexWith(usual, { dynamic: 'false' }));
    searched(seen);
    await source.first?.({ ...january, evidence }, 1);
    expect(seen[2]).not.toContain('d1b13076b0eb');
  });

  it('questions of one moment share one look at the mapping, and a server that writes it slowly is asked seldom', async () => {
    const clock = recordingClock();
    const source = aSource({ clock });
    const seen: string[] = [];
    const ask = () => {
      searched(seen);
      return source.first?.({ ...january, evidence }, 1);
    };
    let looks = 0;
    const look = () =>
      elasticsearch()
        .get(indexPath)
        .query(true)
        .reply(200, () => {
          looks += 1;
          clock.advance(2_000);
          return indexWith(usual);
        });
    look();
    await Promise.all([ask(), ask(), ask()]);
    clock.advance(39_000);
    await ask();
    expect([looks, seen.length]).toEqual([1, 4]);
    look();
    clock.advance(1_000);
    await ask();
    expect(looks).toBe(2);
  });

  it('without a right to see the mapping everything is read', async () => {
    const seen: string[] = [];
    elasticsearch()
      .get(indexPath)
      .query(true)
      .reply(403, errorAnswer('security_exception', 'no', 403));
    searched(seen);
    const found = await aSource().first?.({ ...january, evidence, where: { method: ['PUT'] } }, 1);
    expect(found?.hits).toHaveLength(1);
    expect(seen[0]).toContain('@timestamp');
    expect(seen[0]).not.toMatch(/d1b13076b0eb|method/);
  });

  it('a question of time alone asks for no mapping', async () => {
    const seen: string[] = [];
    searched(seen);
    await aSource().first?.({ ...january, where: { from: january.range.from } }, 1);
    expect(seen).toHaveLength(1);
  });
});

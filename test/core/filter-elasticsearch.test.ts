import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EcsEvent, Hit } from '../../shared/core/event.ts';
import type { Filter, FilterParameter } from '../../shared/core/filter.ts';
import { elasticsearchHint, type IndexedAs } from '../../shared/core/filter-elasticsearch.ts';
import { matcher } from '../../shared/core/filter-match.ts';
import { parseQuestion } from '../../shared/core/question/parse-question.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeNone } from '../../shared/core/tenants.ts';
import { clauseMatches, type Mapping } from '../support/elastic-clauses.ts';
import { randomQuestion } from '../support/random-question.ts';
import { sampleHits } from '../support/sample-hits.ts';

const read = hitReader({ timeField: '@timestamp', attribute: attributeNone });
const indexedAs: Readonly<Record<Mapping, IndexedAs>> = {
  dynamic: (path) => [{ kind: 'text', words: path }],
  keyword: () => [{ kind: 'keyword' }],
};
const unmapped = () => [];
const leaves = (filter: Filter, hit: Hit, mapping: Mapping) =>
  elasticsearchHint(filter, indexedAs[mapping]).every((clause) => clauseMatches(clause, hit._source, mapping));

/** One text in the ways that shippers write it. */
const spelled = (text: string) =>
  fc.constantFrom<unknown>(text, text.toUpperCase(), ` ${text}\t`, [text, 'second'], [[text]], `${text},other`);
const oddities = fc.constantFrom<unknown>('', null, [], [null], ' ', 42, true, 'x'.repeat(9_000), { a: 1 });

const actions = ['agent_login', 'agent_role_change', 'made_up'];
const users = ['319dd049-16d9-44cb-9811-70de4465131c', 'ada.nowak@aurora.example.com', '42'];
const methods = ['PUT', 'POST'];
const anyOf = (texts: readonly string[]) =>
  fc.constantFrom(...texts).chain((text) => fc.oneof({ weight: 5, arbitrary: spelled(text) }, oddities));
const status = fc.oneof(
  fc.constantFrom(200, 204, 401, 404, 503, 999, 404.5, 20_000),
  fc.constantFrom<unknown>('404', '404 Not Found', '999x', ' 404', '\u00a0404', '4040', 'abc', ['404'], null, ''),
);
const addresses = fc.constantFrom<unknown>(
  ...[
    '203.0.113.9',
    'gate.example/203.0.113.9:51544',
    '203.0.113.9, 10.0.0.2',
    '::ffff:203.0.113.9',
    '::FFFF:cb00:7109',
  ],
  ...[
    '[::ffff:203.0.113.9]:443',
    '203.0.113.90',
    '2001:db8::1',
    'fe80::1%eth0',
    'gate.example',
    ['203.0.113.9'],
    7,
    '',
  ],
);
const roles = fc.constantFrom<unknown>(
  ...['ADMIN', 'admin, AGENT', ['ADMIN', 'AGENT'], [['admin']], ' ADMIN ', 'ADMINISTRATOR', 'x'.repeat(9_000), 7, ''],
);
const bodies = fc.constantFrom<unknown>(
  { email: 'ada.nowak@aurora.example.com', password: 'secret-made-up' },
  JSON.stringify({ id: '319dd049-16d9-44cb-9811-70de4465131c' }),
);
const fields = fc.record(
  {
    'event.action': anyOf(actions),
    'event.outcome': fc.oneof(anyOf(['success', 'failure', 'unknown', 'weird']), fc.constant('unsuccessful')),
    'user.id': anyOf(users),
    'user.email': anyOf(users),
    'user.roles': roles,
    'source.ip': addresses,
    'source.address': addresses,
    'http.request.method': anyOf(methods),
    'http.response.status_code': status,
    'http.request.body.content': bodies,
    'http.response.body.content': bodies,
  },
  { requiredKeys: [] },
);
type Fields = Readonly<Record<string, unknown>>;

const nested = (flat: Fields): Fields => {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(flat)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let place = root;
    for (const name of names) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return root;
};
const prefixed = (flat: Fields): Fields =>
  Object.fromEntries(Object.entries(flat).map(([path, value]) => [`message.${path}`, value]));

/** The shapes a document may have, and two of them in one. */
const documents = fc.tuple(fields, fields, fc.nat(7)).map(([one, other, shape]): Fields => {
  const shapes: readonly (() => Fields)[] = [
    () => ({ message: one }),
    () => ({ message: nested(one) }),
    () => ({ message: JSON.stringify(one) }),
    () => ({ message: JSON.stringify(nested(one)), ...other }),
    () => prefixed(one),
    () => nested(one),
    () => ({ message: { ...nested(other), ...one } }),
    () => ({ message: one, ...nested(other) }),
  ];
  return shapes[shape]?.() ?? {};
});
/** Questions about one field each that this event answers (none of them is blank, as `parseFilter` sees to); `other` is asked for beside its own value. */
const questionsAbout = ({ event, user, source, http }: EcsEvent, other: Filter): readonly Filter[] => {
  const status = http?.response?.status_code;
  const ask = (field: FilterParameter, value: string | undefined): readonly Filter[] =>
    value === undefined || value.trim() === ''
      ? []
      : [{ [field]: [value.toLowerCase(), ...(other[field] ?? [])] }, { [field]: [value] }];
  return [
    ...ask('action', event.action),
    ...ask('user', user?.id),
    ...ask('user', user?.email),
    ...(user?.roles ?? []).flatMap((role) => ask('role', role)),
    ...ask('ip', source?.ip),
    ...(source?.ip?.includes('.') ? ask('ip', `${source.ip}/19`) : []),
    ...ask('method', http?.request?.method),
    ...ask('outcome', event.outcome),
    ...ask('status', status === undefined ? undefined : String(status)),
    ...ask('status', status === undefined ? undefined : `${String(status)[0]}xx`),
  ];
};

const hitOf = (source: Fields): Hit => ({
  _index: 'closer',
  _id: '1',
  _source: { '@timestamp': '2026-05-05T10:00:00Z', ...source },
});

describe('the hint to Elasticsearch', () => {
  it.each<[Mapping]>([['dynamic'], ['keyword']])(
    'never leaves out an event that the filter accepts (%s mapping)',
    (mapping) => {
      let accepted = 0;
      fc.assert(
        fc.property(documents, (document) => {
          const hit = hitOf(document);
          const { event } = read(hit, '2026-05-05T10:00:01.000Z');
          for (const filter of questionsAbout(event, {
            action: ['x'],
            user: ['x'],
            method: ['X'],
            status: ['100'],
            outcome: ['unknown'],
          })) {
            if (!matcher(filter)(event)) continue;
            accepted += 1;
            expect(leaves(filter, hit, mapping), JSON.stringify(filter)).toBe(true);
          }
        }),
        { numRuns: 2_000 },
      );
      expect(accepted).toBeGreaterThan(5_000);
    },
  );

  it('leaves out what it is there for', () => {
    const hit = hitOf({
      message: {
        'event.action': 'agent_skills_change',
        'event.outcome': 'success',
        'user.id': 'u-1',
        'http.request.method': 'PUT',
        'http.response.status_code': 204,
      },
    });
    for (const filter of [
      { action: ['agent_logout'] },
      { user: ['u-2'] },
      { method: ['DELETE'] },
      { status: ['4xx', '500'] },
      { outcome: ['failure'] },
    ] satisfies readonly Filter[]) {
      expect(leaves(filter, hit, 'dynamic')).toBe(false);
      expect(leaves(filter, hit, 'keyword')).toBe(false);
    }
  });

  it('never leaves out a sample that the filter accepts, and most of the others', () => {
    const lines = ['samples.ndjson', 'samples-edge.ndjson'].flatMap((name) =>
      readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8')
        .trimEnd()
        .split('\n'),
    );
    const hits = lines.map((line) => JSON.parse(line) as Hit);
    const events = hits.map((hit) => read(hit, '2026-05-05T10:00:01.000Z').event);
    const questions: readonly Filter[] = [
      ...new Set(
        events.flatMap(({ event, user }) => [`action ${event.action}`, `user ${user?.id}`, `user ${user?.email}`]),
      ),
    ].map((text) => ({ [text.split(' ')[0] ?? '']: [text.slice(text.indexOf(' ') + 1)] }));
    let left = 0;
    for (const filter of [...questions, { outcome: ['failure'] }, { status: ['4xx'] }, { method: ['DELETE'] }]) {
      const accepts = matcher(filter);
      hits.forEach((hit, index) => {
        const passed = leaves(filter, hit, 'dynamic');
        const event = events[index];
        if (event && accepts(event)) expect(passed, `${hit._id} for ${JSON.stringify(filter)}`).toBe(true);
        if (passed) left += 1;
      });
    }
    expect(left).toBeLessThan(questions.length * hits.length * 0.4);
  });

  it('says nothing of texts whose case Elasticsearch folds differently, or that the reader has put there', () => {
    expect(elasticsearchHint({ user: ['łukasz@aurora.example.com'], action: ['x_redacted'] }, unmapped)).toEqual([]);
    expect(elasticsearchHint({ category: ['iam'], url: ['/api'] }, unmapped)).toEqual([]);
  });

  it.each<[string, readonly string[], IndexedAs]>([
    ['an address of IPv6, which is written in many ways', ['2001:db8::1'], unmapped],
    ['a block of less than eight bits', ['10.0.0.0/7'], unmapped],
    ['one of them among others', ['203.0.113.9', '2001:db8::/32'], unmapped],
    ['addresses that are not indexed', ['203.0.113.9'], () => [{ kind: 'other' }]],
    ['addresses that are indexed in two ways', ['203.0.113.9'], () => [{ kind: 'ip' }, { kind: 'keyword' }]],
  ])('says nothing of %s', (_, ip, indexed) => {
    expect(elasticsearchHint({ ip }, indexed)).toEqual([]);
  });

  it.each([
    ['203.0.113.9', '*203.0.113.9*'],
    ['203.0.113.0/24', '*203.0.113.*'],
    ['203.0.112.0/23', '*203.0.*'],
    ['10.0.0.0/8', '*10.*'],
  ])('asks for %s as it may stand in a text, and leaves addresses to Elasticsearch where it knows them', (ip, text) => {
    expect(JSON.stringify(elasticsearchHint({ ip: [ip] }, unmapped))).toContain(`"value":"${text}"`);
    expect(JSON.stringify(elasticsearchHint({ ip: [ip] }, () => [{ kind: 'ip' }]))).toContain(
      `{"message.source.ip":"${ip}"}`,
    );
  });

  it('leaves out no sample that a random question accepts, and much of what none does', () => {
    const hits = sampleHits();
    const events = hits.map((hit) => read(hit, '2026-05-05T10:00:01.000Z'));
    let left = 0;
    let asked = 0;
    fc.assert(
      fc.property(randomQuestion(events.map(({ event }) => event)), (text) => {
        const filter = { question: parseQuestion(text) };
        const accepts = matcher(filter);
        hits.forEach((hit, index) => {
          const passed = leaves(filter, hit, 'dynamic');
          const one = events[index];
          if (one && accepts(one.event, one.time)) expect(passed, `${hit._id} for ${text}`).toBe(true);
          asked += 1;
          if (passed) left += 1;
        });
      }),
      { numRuns: 200 },
    );
    expect(left).toBeLessThan(asked);
  });

  it.each([
    ['event.action: agent_login', 1],
    ['not event.action: agent_login', 0],
    ['event.action: agent_login or user.name: ada', 0],
    ['event.action: agent_login and user.name: ada', 1],
    ['event.action: agent_*', 0],
  ])('of %s it says what can be said', (text, clauses) => {
    expect(elasticsearchHint({ question: parseQuestion(text) }, unmapped)).toHaveLength(clauses);
  });

  it('never holds more clauses than Elasticsearch 7.17 takes', () => {
    const values = (count: number) => Array.from({ length: count }, (_, at) => `a${at}`).join(' or ');
    const clausesOf = (count: number) =>
      JSON.stringify(elasticsearchHint({ question: parseQuestion(`user.id: (${values(count)})`) }, unmapped)).match(
        /"(match|wildcard|exists|range)"/g,
      )?.length ?? 0;
    expect(clausesOf(20)).toBeGreaterThan(100);
    for (const count of [1, 20, 21, 100]) expect(clausesOf(count)).toBeLessThan(1_024);
  });

  it('takes stars and question marks as they are', () => {
    expect(JSON.stringify(elasticsearchHint({ action: ['a*b?c\\d'] }, unmapped))).toContain(
      JSON.stringify('*a\\*b\\?c\\\\d*').slice(1, -1),
    );
  });
});

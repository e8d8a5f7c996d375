import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EcsEvent } from '../../../shared/core/event.ts';
import { toInstant } from '../../../shared/core/instant.ts';
import { questionMatcher } from '../../../shared/core/question/match-question.ts';
import { parseQuestion } from '../../../shared/core/question/parse-question.ts';
import { timeRangeOf } from '../../../shared/core/question/question-bounds.ts';

const event: EcsEvent = {
  '@timestamp': '2026-05-05T10:00:07.529Z',
  ecs: { version: '9.4.0' },
  event: {
    kind: 'event',
    category: ['iam', 'configuration'],
    type: ['user', 'change'],
    action: 'agent_role_change',
    outcome: 'success',
    id: 'closer/1',
    module: 'closer',
    dataset: 'closer.security',
    provider: 'closer',
    created: '2026-05-05T10:01:00.000Z',
  },
  user: { id: 'U-1', email: '', roles: ['ADMIN', 'Agent'], target: { id: 'U-2' } },
  http: { request: { method: 'PUT' }, response: { status_code: 204 } },
  source: { address: '/', ip: '2001:db8::7' },
  url: { full: 'http://spinner.closer.app/api/users/agents/U-1/role?x=*' },
  labels: { 'sluice.time': 'derived' },
  closer: { flags: [1, true, null], empty: [], 'a.b': { c: 'dotted' } },
  observer: { vendor: 'Closer', product: 'Closer' },
};
const holds = (question: string, subject = event): boolean => questionMatcher(parseQuestion(question))(subject);

describe('a question over events', () => {
  it.each([
    'event.action: AGENT_ROLE_change',
    'event.action: agent_*_change',
    'event.action: *',
    'event.category: (iam and configuration)',
    'user.roles: admin and user.roles: agent',
    'not user.roles: guest',
    'not user.name: alice',
    'user.email: ""',
    'user.email: *',
    'user.target.id: u-2',
    'source.ip: 2001:db8::/32',
    'not source.ip: 10.0.0.0/8',
    'http.response.status_code: 204',
    'http.response.status_code > 203 and http.response.status_code < 205',
    'url.full: "*/agents/*/role*"',
    String.raw`url.full: *x=\*`,
    '@timestamp: 2026-05-05',
    '@timestamp >= 2026-05-05T10:00:07.529Z and @timestamp <= 2026-05-05T10:00:07.529Z',
    'event.created > 2026-05-05T10:00:07Z',
    'labels.sluice.time: derived',
    'closer.a.b.c: dotted',
    'closer.flags: 1 and closer.flags: TRUE',
    'event.action: (agent_login or agent_role_change)',
  ])('%s holds', (question) => {
    expect(holds(question)).toBe(true);
  });

  it.each([
    'event.action: agent_role',
    'event.action: role*',
    'event.action: *_change*_change',
    'user.name: *',
    'user.id: ""',
    'closer.empty: *',
    'closer.flags: false',
    'source.ip: 10.0.0.0/8',
    'http.response.status_code >= 400',
    '@timestamp > 2026-05-05',
    '@timestamp < 2026-05-05',
    'event.action: agent_role_change and not user.roles: ADMIN',
    'labels.constructor: *',
    'closer.__proto__.x: *',
  ])('%s does not', (question) => {
    expect(holds(question)).toBe(false);
  });

  it('tells times apart to the nanosecond where they are known', () => {
    const matches = questionMatcher(parseQuestion('@timestamp > 2026-05-05T10:00:07.529Z'));
    expect(matches(event, toInstant('2026-05-05T10:00:07.529999999Z'))).toBe(false);
    expect(matches(event, toInstant('2026-05-05T10:00:07.530000000Z'))).toBe(true);
  });

  it('matches a pattern as an expression does that says the same', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 6 }).map((all) => all.join(''));
    const plain = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((all) => all.join(''));
    fc.assert(
      fc.property(letters, plain, (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        expect(holds(`user.id: "${pattern}"`, { ...event, user: { id: value } })).toBe(expression.test(value));
      }),
      { numRuns: 3_000 },
    );
  });

  it('never accepts what lies outside of the time range that is read for it', () => {
    const times = ['2026-05-04', '2026-05-05T10:00Z', '2026-05-05T10:00:07.529Z', '2026-05-06'];
    const leaf = fc
      .record({ operator: fc.constantFrom(':', '<', '<=', '>', '>='), time: fc.constantFrom(...times) })
      .map(({ operator, time }) => `@timestamp ${operator} ${time}`);
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.constant('user.id: *'),
        fc.tuple(tie('tree'), fc.constantFrom('and', 'or'), tie('tree')).map(([a, by, b]) => `(${a}) ${by} (${b})`),
        tie('tree').map((inner) => `not (${inner})`),
      ),
    }));
    const instants = [
      '2026-05-03T00:00:00Z',
      ...times.map((time) => `${time.slice(0, 10)}T10:00:07.529Z`),
      '2026-05-07T00:00:00Z',
    ];
    fc.assert(
      fc.property(tree, fc.constantFrom(...instants), (written, time) => {
        const question = parseQuestion(written);
        const instant = toInstant(time);
        if (instant === undefined || !questionMatcher(question)(event, instant)) return;
        const { from = instant, to = instant } = timeRangeOf(question);
        expect(from <= instant && instant <= to).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

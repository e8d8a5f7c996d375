import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { unattributed } from '../../shared/core/event.ts';
import { attributeAll, attributeNone, attributeTo, type Evidence, parseTenants } from '../../shared/core/tenants.ts';

const evidence = (partial: Partial<Evidence>): Evidence => ({
  index: 'closer',
  organizations: [],
  users: [],
  emails: [],
  ...partial,
});

const attribute = attributeTo(
  parseTenants([
    {
      id: 'aurora',
      organizations: ['org-a'],
      users: ['user-a'],
      emails: ['Ada@Aurora.example.com'],
      indices: ['closer-aurora-*'],
    },
    {
      id: 'baltic',
      organizations: ['org-b'],
      users: ['user-b'],
      emailDomains: ['baltic.example.net'],
      indices: ['*-b-*-log'],
    },
    { id: 'cobalt', users: ['user-c'], indices: ['closer-*-cobalt', 'closer-aurora-shared'] },
  ]),
);

describe('attribution by the directory', () => {
  it.each([
    ['an organisation', { organizations: ['ORG-A'] }, 'aurora'],
    ['a user', { users: ['user-b'] }, 'baltic'],
    ['a user in other case', { users: ['USER-B'] }, 'baltic'],
    ['an e-mail in other case', { emails: ['ada@aurora.EXAMPLE.com'] }, 'aurora'],
    ['an e-mail domain', { emails: ['anyone@Baltic.example.net'] }, 'baltic'],
    ['an index pattern', { index: 'closer-aurora-2021' }, 'aurora'],
    ['a data stream behind its backing index', { index: '.ds-closer-aurora-log-2021.05.05-000001' }, 'aurora'],
    ['a pattern with several stars', { index: 'x-b-y-log' }, 'baltic'],
    ['evidence that agrees', { organizations: ['org-a'], users: ['user-a', 'stranger'] }, 'aurora'],
  ] as const)('takes %s', (_, partial, tenant) => {
    expect(attribute(evidence(partial))).toBe(tenant);
  });

  it.each([
    ['nothing is known', {}],
    ['nobody of the directory is named', { users: ['stranger'], emails: ['x@example.com'] }],
    ['a domain only ends alike', { emails: ['x@notbaltic.example.net'] }],
    ['a pattern covers only a part', { index: 'closer-b-log' }],
    ['actor and target differ', { users: ['user-a', 'user-b'] }],
    ['organisation and user differ', { organizations: ['org-a'], users: ['user-b'] }],
    ['a third agrees with the first of two that differ', { organizations: ['org-a', 'org-b'], users: ['user-a'] }],
    ['two tenants claim the index', { index: 'closer-aurora-shared', users: ['user-a'] }],
  ] as const)('guesses nothing when %s', (_, partial) => {
    expect(attribute(evidence(partial))).toBe(unattributed);
  });

  it('is everybody for one tenant, or for none', () => {
    expect(attributeAll('acme')(evidence({ users: ['user-a'] }))).toBe('acme');
    expect(attributeNone(evidence({ users: ['user-a'] }))).toBe(unattributed);
  });

  it('stays fast on a pattern made of stars', () => {
    const stars = attributeTo(parseTenants([{ id: 'a', indices: [`${'*a'.repeat(200)}*b`] }]));
    expect(stars(evidence({ index: 'a'.repeat(5000) }))).toBe(unattributed);
  });
});

const mistakesOf = (json: unknown): string => {
  try {
    parseTenants(json);
  } catch (error) {
    if (error instanceof OperatorMustFix) return error.message;
    throw error;
  }
  return 'no mistake';
};

describe('the tenants file', () => {
  it('reports every mistake at once, with place and value', () => {
    const message = mistakesOf([
      { id: 'Aurora Bank', users: ['u1'] },
      { id: 'baltic', users: ['u1', ''], colour: 'blue' },
      { id: 'baltic', emails: ['a@b.example'] },
      { id: 'empty' },
      { id: 'cobalt', users: 'u2' },
    ]);
    expect(message).toContain('7 mistakes');
    expect(message).toMatch(/\[0\]\.id: .*"Aurora Bank"/);
    expect(message).toMatch(/\[1\]\.users\[1\]: must not be empty; got ""/);
    expect(message).toMatch(/\[1\]: unknown "colour"/);
    expect(message).toMatch(/\[1\]\.users\[0\]: "u1" is also \[0\]\.users\[0\]/);
    expect(message).toMatch(/\[2\]\.id: "baltic" is also \[1\]\.id/);
    expect(message).toMatch(/\[3\]: names no organization/);
    expect(message).toMatch(/\[4\]\.users: .*got "u2"/);
  });

  it.each([
    ['no list', { id: 'aurora' }, /expected array/],
    ['an empty list', [], /at least one tenant/],
    ['a tenant that names nothing', [{ id: 'aurora' }], /\[0\]: names no organization/],
    ['the operator', [{ id: '*', users: ['u'] }], /\[0\]\.id/],
    ['the block of unattributed events', [{ id: unattributed, users: ['u'] }], /\[0\]\.id/],
    [
      'a user of two tenants in other case',
      [
        { id: 'a', users: ['U'] },
        { id: 'b', users: ['u'] },
      ],
      /"u" is also \[0\]/,
    ],
    [
      'an index of two tenants',
      [
        { id: 'a', indices: ['x'] },
        { id: 'b', indices: ['x'] },
      ],
      /"x" is also \[0\]/,
    ],
  ])('refuses %s', (_, json, message) => {
    expect(mistakesOf(json)).toMatch(message);
  });

  it('lets one tenant name a value twice', () => {
    expect(mistakesOf([{ id: 'a', users: ['u', 'u'] }])).toBe('no mistake');
  });
});

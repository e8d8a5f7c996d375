import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unattributed } from '../../shared/core/event.ts';
import { readTenantWritten } from '../../shared/core/tenant-written.ts';
import { attributeTo, parseTenants, type TenantDirectory } from '../../shared/core/tenants.ts';

const nobodyElse: TenantDirectory = { tenants: [] };
const bolt = parseTenants([{ id: 'bolt', users: ['u-bolt'], emails: ['Bo@Bolt.example.com'], indices: ['bolt-*'] }]);

const mistakesIn = (written: unknown, others = nobodyElse): readonly string[] => {
  const read = readTenantWritten('acme', written, others);
  return read.kind === 'tenant' ? [] : read.mistakes.map(({ path, detail }) => `${path.join('/')}: ${detail}`);
};

describe('a tenant as it is written', () => {
  it('has every list, trimmed, whatever is left out', () => {
    expect(readTenantWritten('acme', { users: [' u1 '], emailDomains: ['acme.example.com'] }, bolt)).toEqual({
      kind: 'tenant',
      tenant: {
        id: 'acme',
        organizations: [],
        users: ['u1'],
        emails: [],
        emailDomains: ['acme.example.com'],
        indices: [],
      },
    });
  });

  it('may repeat its id, and no other', () => {
    expect(mistakesIn({ id: 'acme', users: ['u1'] })).toEqual([]);
    expect(mistakesIn({ id: 'bolt', users: ['u1'] })).toEqual(['id: must be "acme", as in the URL, or be left out.']);
  });

  it.each<[string, unknown, readonly (string | RegExp)[]]>([
    ['no object', 'users', [/^: Invalid input/]],
    ['a list', [], [/^: Invalid input/]],
    ['nothing', {}, [/names no organization, user, email, emailDomain or index/]],
    ['an unknown field', { users: ['u1'], user: ['u2'] }, [/^user: is not known\. Known are organizations/]],
    ['a number', { users: ['u1', 7] }, [/^users\/1: /]],
    ['an empty text', { users: ['u1', ' '] }, [/^users\/1: must not be empty/]],
    ['an invisible character', { users: ['u\u200b1'] }, [/^users\/0: holds a character that cannot be seen/]],
    ['a text read backwards', { emails: ['\u202ea@b'] }, [/^emails\/0: holds a character/]],
    ['half a character', { users: ['u\ud800'] }, [/^users\/0: holds a character/]],
    ['a very long text', { users: ['u'.repeat(321)] }, [/^users\/0: must have at most 320/]],
    [
      'an address for a domain',
      { emailDomains: ['@acme.example.com'] },
      [/^emailDomains\/0: must be a domain without/],
    ],
    [
      'too much',
      { users: Array.from({ length: 3_000 }, (_, n) => `${n}`.padStart(36, '0')) },
      [/^: has \d+ bytes of values/],
    ],
    ['several mistakes', { users: [''], emails: [1], x: 1 }, [/^users\/0/, /^emails\/0/, /^x/]],
  ])('%s: every mistake is said, with its place', (_, written, expected) => {
    const mistakes = mistakesIn(written);
    expect(mistakes).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(mistakes[at]).toMatch(pattern);
  });

  it('has no value of another tenant, in whatever case', () => {
    expect(
      mistakesIn({ users: ['u1', 'U-BOLT'], emails: ['bo@bolt.example.com '], indices: ['bolt-*'] }, bolt),
    ).toEqual(
      ['users/1', 'emails/0', 'indices/0'].map(
        (place) =>
          `${place}: belongs to tenant "bolt" already; it can belong to one tenant only. Remove it here or there.`,
      ),
    );
  });

  it('whatever is sent, it is a tenant or a list of mistakes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (written) => {
        const read = readTenantWritten('acme', written, bolt);
        expect(read.kind === 'tenant' || read.mistakes.length > 0).toBe(true);
      }),
    );
  });
});

describe('a value that two tenants claim', () => {
  it("is nobody's: no event is guessed to be somebody's", () => {
    const both = {
      tenants: [
        ...bolt.tenants,
        ...parseTenants([{ id: 'acme', users: ['U-bolt', 'u-acme'], emails: ['bo@bolt.example.com'] }]).tenants,
      ],
    };
    const attribute = attributeTo(both);
    const of = (users: readonly string[], emails: readonly string[] = []) =>
      attribute({ index: 'closer', organizations: [], users, emails });
    expect(of(['u-bolt'])).toBe(unattributed);
    expect(of([], ['Bo@bolt.example.com'])).toBe(unattributed);
    expect(of(['u-acme', 'u-bolt'])).toBe(unattributed);
    expect(of(['u-acme'])).toBe('acme');
  });
});

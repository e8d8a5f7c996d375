import { describe, expect, it } from 'vitest';
import { parseRange, refusalOf } from '../../../shared/core/address/address.ts';
import { checkAnswer, checkTarget } from '../../../shared/core/address/target.ts';
import cases from '../../fixtures/ssrf/ssrf-cases.json' with { type: 'json' };

interface Case {
  readonly id: string;
  readonly expect: string;
  readonly why: string;
  readonly url?: string;
  readonly host?: string;
  readonly parsed_host?: string | null;
  readonly resolves_to?: readonly string[];
  readonly connects_to?: string;
  readonly redirect_status?: number;
}

/** Redirects are judged by the answer table, and look-ups by the wire: `webhook-destination.test.ts`. */
const judged = (cases as readonly Case[]).filter((row) => row.redirect_status === undefined);
const closed = { allow: [] };

const verdict = ({ host, url, resolves_to }: Case): string => {
  if (host !== undefined) return refusalOf(host, { open: [], own: new Set() }) ? 'refuse' : 'allow';
  const check = checkTarget(url ?? '', closed);
  if (check.kind === 'refused') return 'refuse';
  const addresses = check.target.addresses ?? resolves_to ?? [];
  return checkAnswer(addresses, closed) === undefined ? 'allow' : 'refuse';
};

describe('a hostile or ordinary target', () => {
  it.each(judged.map((row) => [row.id, row.expect, row.why, row] as const))(
    '%s: %s, %s',
    (_id, expected, _why, row) => {
      expect(verdict(row)).toBe(expected);
    },
  );

  it('connects to what was parsed, never to the text', () => {
    const literals = judged.filter((row) => row.connects_to && !row.resolves_to);
    expect(literals).not.toEqual([]);
    for (const row of literals) {
      const check = checkTarget(row.url ?? '', closed);
      expect(check).toMatchObject({ kind: 'allowed', target: { addresses: [row.connects_to] } });
    }
  });

  it('is refused in words that hold no path, query or password', () => {
    for (const url of [
      'https://ada:hunter2@hooks.acme.example/s3cr3t?token=t0k3n',
      'https://10.0.0.1/s3cr3t?token=t0k3n',
      'http://hooks.acme.example/s3cr3t?token=t0k3n',
      'https://vault.internal:25/s3cr3t?token=t0k3n',
    ]) {
      const check = checkTarget(url, closed);
      expect(check.kind).toBe('refused');
      expect(JSON.stringify(check)).not.toMatch(/hunter2|s3cr3t|t0k3n/);
    }
  });
});

describe('an opened range', () => {
  const loopbackOpen = { allow: ['127.0.0.0/8'] };

  it.each([
    ['http://127.0.0.1:3001/hook', { protocol: 'http:', hostname: '127.0.0.1', port: 3001, path: '/hook' }],
    ['https://127.9.9.9/', { protocol: 'https:', hostname: '127.9.9.9', port: 443, path: '/' }],
    ['http://localhost:3001/hook?x=1', { hostname: 'localhost', addresses: ['127.0.0.1'], path: '/hook?x=1' }],
    ['http://localhost.:3001/', { hostname: 'localhost', addresses: ['127.0.0.1'] }],
  ])('of loopback lets %s through', (url, target) => {
    expect(checkTarget(url, loopbackOpen)).toMatchObject({ kind: 'allowed', target });
  });

  it.each([
    'http://hooks.acme.example/',
    'http://127.0.0.1.nip.io/',
    'http://10.0.0.1/',
    'http://[::1]/',
    'http://8.8.8.8/',
    'https://192.168.0.7/',
    'https://169.254.169.254/',
  ])('of loopback still refuses %s', (url) => {
    expect(checkTarget(url, loopbackOpen).kind).toBe('refused');
  });

  it('of a private network lets its addresses through by https only', () => {
    const open = { allow: ['10.0.0.0/8', 'fd00::/8'] };
    expect(checkTarget('https://10.1.2.3/', open).kind).toBe('allowed');
    expect(checkTarget('https://[fd12::1]/', open)).toMatchObject({ target: { hostname: 'fd12::1' } });
    expect(checkTarget('http://10.1.2.3/', open).kind).toBe('refused');
    expect(checkTarget('http://localhost/', open).kind).toBe('refused');
  });

  it('lets private names through as far as their addresses are open', () => {
    const open = { allow: ['10.0.0.0/8'] };
    expect(checkTarget('https://splunk.corp/', open).kind).toBe('allowed');
    expect(checkAnswer(['10.1.2.3'], open)).toBeUndefined();
    expect(checkAnswer(['10.1.2.3', '169.254.169.254'], open)).toMatchObject({ address: '169.254.169.254' });
  });

  it('counts for IPv4-mapped spellings too', () => {
    const open = [parseRange('127.0.0.0/8')].filter((range) => range !== undefined);
    const rules = { open, own: new Set<string>() };
    expect(refusalOf('::ffff:127.0.0.1', rules)).toBeUndefined();
    expect(refusalOf('::ffff:10.0.0.1', rules)).toBe('not public');
  });

  it('that is no CIDR block is an error naming the setting and the value', () => {
    expect(() => checkTarget('https://hooks.acme.example/', { allow: ['10.0.0.0/99'] })).toThrow(
      /SLUICE_ALLOW_PRIVATE_TARGETS .*"10\.0\.0\.0\/99"/,
    );
  });
});

it('reads the address of names only from the resolver, and an empty answer is refused', () => {
  expect(checkTarget('https://hooks.acme.example/in', closed)).toEqual({
    kind: 'allowed',
    target: { protocol: 'https:', hostname: 'hooks.acme.example', port: 443, path: '/in' },
  });
  expect(checkAnswer([], closed)).toEqual({ reason: 'The host name has no address.' });
});

it('tells the operator which address of a name is refused, and whoever named it nothing of our network', () => {
  const refused = checkAnswer(['8.8.8.8', '10.1.2.3'], closed);
  expect(refused).toEqual({
    reason: expect.stringMatching(/^The host name leads to an address that is not on the public internet\. Use /),
    address: '10.1.2.3',
  });
  expect(refused?.reason).not.toMatch(/\d/);
});

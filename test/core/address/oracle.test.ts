/**
 * `request-filtering-agent` as the oracle: what it refuses, Sluice refuses. Where the two differ, the rows are listed with the reason.
 * The agent is asked through its own interface; the connection that it would make is not made.
 */
import { Agent } from 'node:http';
import { isIP, isIPv6, type LookupFunction, Socket } from 'node:net';
import fc from 'fast-check';
import { RequestFilteringHttpAgent } from 'request-filtering-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAnswer, checkTarget } from '../../../shared/core/address/target.ts';
import cases from '../../fixtures/ssrf/ssrf-cases.json' with { type: 'json' };

interface Row {
  readonly id: string;
  readonly host?: string;
  readonly url?: string;
  readonly resolves_to?: readonly string[];
  readonly redirect_status?: number;
}
type Verdict = 'allow' | 'refuse';

const { createConnection } = Agent.prototype;
/** The options of the connection that the agent let through. */
let letThrough: { readonly lookup?: LookupFunction } | undefined;
beforeAll(() => {
  Agent.prototype.createConnection = (options) => {
    letThrough = options as typeof letThrough;
    return new Socket();
  };
});
afterAll(() => {
  Agent.prototype.createConnection = createConnection;
});

/** What the agent says to a host that resolves to `answer`. */
const oracle = (host: string, answer: readonly string[] = []): Verdict => {
  letThrough = undefined;
  const lookup: LookupFunction = (_name, _options, found) =>
    found(
      null,
      answer.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    );
  new RequestFilteringHttpAgent().createConnection({ host, lookup } as never, () => {});
  const options = letThrough as { readonly lookup?: LookupFunction } | undefined;
  if (!options) return 'refuse';
  let verdict: Verdict = 'allow';
  if (isIP(host) === 0)
    options.lookup?.(host, { all: true }, (error) => {
      verdict = error ? 'refuse' : 'allow';
    });
  return verdict;
};

const closed = { allow: [] };
const ours = ({ host, url = '', resolves_to }: Row): Verdict => {
  if (host !== undefined) return checkAnswer([host], closed) ? 'refuse' : 'allow';
  const check = checkTarget(url, closed);
  if (check.kind === 'refused') return 'refuse';
  return checkAnswer(check.target.addresses ?? resolves_to ?? [], closed) ? 'refuse' : 'allow';
};

/** `undefined`: the parser finds no host, so the agent is never reached. */
const theirs = ({ host, url = '', resolves_to }: Row): Verdict | undefined => {
  if (host !== undefined) return oracle('hooks.example.com', [host]);
  const parsed = URL.parse(url)?.hostname.replace(/^\[|\]$/g, '');
  return parsed === undefined ? undefined : oracle(parsed, resolves_to);
};

/** Refused by Sluice alone, each with its reason. */
const stricter: Readonly<Record<string, string>> = {
  'addresses outside 2000::/3, which nobody was given: ipaddr.js calls them unicast':
    'v6-v4-compatible-middle v6-dummy-last v6-dummy-middle v6-below-global v6-above-global v6-near-nat64 v6-low compatible-loopback',
  'ISATAP: a private IPv4 inside a global address': 'isatap-global-private',
  'public by number, internal by use': 'cloud-azure-wireserver',
  'no answer, or one that is no address: fail closed': 'dns-none dns-nonsense-answer',
  'the agent sees the host after parsing, never the text that parsers read in different ways':
    'syntax-backslash-at syntax-backslashes syntax-tab-in-host syntax-newline-in-scheme syntax-leading-space syntax-three-slashes syntax-no-slashes syntax-one-slash syntax-cr-in-path syntax-long-url',
  'credentials in the URL are not its business': 'syntax-userinfo syntax-userinfo-address syntax-userinfo-only-user',
  'other schemes are not its business':
    'scheme-http scheme-ftp scheme-file scheme-javascript scheme-data scheme-ws scheme-wss',
  'ports are not its business': 'port-22 port-25 port-110 port-6667 port-0',
  'names of private networks, and names that are none, are left to what they resolve to':
    'syntax-dot syntax-empty-label syntax-long-label syntax-long-host syntax-leading-dot name-localhost name-localhost-upper name-localhost-dot name-localhost-sub name-localhost-circled name-localhost-percent name-localhost-greek name-local name-internal name-localdomain name-home-arpa name-lan name-corp name-home name-private name-intranet name-single',
};

/** Refused by the agent alone. */
const looser: Readonly<Record<string, string>> = {
  'an IPv4-mapped address is judged by the IPv4 inside, which is where the connection goes': 'mapped-public',
};

const idsOf = (table: Readonly<Record<string, string>>): readonly string[] =>
  Object.values(table)
    .flatMap((ids) => ids.split(' '))
    .toSorted();

describe('beside request-filtering-agent', () => {
  const judged = (cases as readonly Row[]).filter((row) => row.redirect_status === undefined);

  it('Sluice refuses every row that the agent refuses, but for those that are listed', () => {
    const more = judged.filter((row) => theirs(row) === 'refuse' && ours(row) === 'allow');
    expect(more.map(({ id }) => id).toSorted()).toEqual(idsOf(looser));
  });

  it('Sluice refuses more, for the reasons that are listed', () => {
    const more = judged.filter((row) => theirs(row) === 'allow' && ours(row) === 'refuse');
    expect(more.map(({ id }) => id).toSorted()).toEqual(idsOf(stricter));
  });

  it('Sluice refuses every row that no parser finds a host in', () => {
    const unread = judged.filter((row) => theirs(row) === undefined);
    expect(unread.length).toBeGreaterThan(15);
    expect(unread.filter((row) => ours(row) === 'allow')).toEqual([]);
  });
});

/** Addresses at the edges of the blocks that matter, in front of anything. */
const v6Blocks = [
  '::',
  '::ffff:0:0',
  '64:ff9b::',
  '64:ff9b:1::',
  '100::',
  '2001::',
  '2001:db8::',
  '2002::',
  '2620:4f:8000::',
  '3fff::',
  '5f00::',
  'fc00::',
  'fe80::',
  'fec0::',
  'ff00::',
];
const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
const v6 = fc
  .oneof(
    fc.ipV6(),
    fc
      .tuple(fc.constantFrom(...v6Blocks), group, group)
      .map(([block, a, b]) => `${block.replace(/::$/, '')}::${a}:${b}`),
    fc.tuple(group, group, group, fc.ipV4()).map(([a, b, c, four]) => `2a02:${a}:${b}:${c}:0:5efe:${four}`),
    fc.ipV4().map((four) => `::ffff:${four}`),
  )
  .filter((text) => isIP(text) === 6);

/** The IPv4 inside, in dots, of `::ffff:0:0/96`. */
const mapped = (address: string): string | undefined => {
  const [, high = '', low = ''] =
    /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${address}]/`).hostname) ?? [];
  if (high === '') return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
};

describe('whatever address is made up', () => {
  const runs = { numRuns: 5000 };

  it('Sluice refuses the IPv4 that the agent refuses, as an answer and in a URL', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        fc.pre(oracle(address) === 'refuse');
        expect(checkAnswer([address], closed)).toBeDefined();
        expect(checkTarget(`https://${address}/`, closed).kind).toBe('refused');
      }),
      runs,
    );
  });

  it('Sluice refuses the IPv6 that the agent refuses; one that carries an IPv4-mapped address goes by the IPv4', () => {
    fc.assert(
      fc.property(v6, (address) => {
        const four = mapped(address);
        const expected = four === undefined ? oracle(address) : oracle(four);
        fc.pre(expected === 'refuse');
        expect(checkAnswer([address], closed)).toBeDefined();
        expect(checkTarget(`https://[${address}]/`, closed).kind).toBe('refused');
      }),
      runs,
    );
  });
});

/** Every row of the vectors through the whole send path, at the socket: which address the operating system is asked to connect to. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Resolve } from '../../shared/adapters/checked-lookup.ts';
import { aBatch } from '../support/a-batch.ts';
import { aWebhook } from '../support/a-webhook.ts';
import { tapConnects } from '../support/connect-tap.ts';
import { useRealHttp } from '../support/real-http.ts';
import { answers, receiver } from '../support/receiver.ts';

useRealHttp();

const fixture = (path: string): string => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
const vectors = fixture('ssrf/ssrf-cases.json');
/** Good for every host that a row allows. */
const tls = { key: fixture('tls/targets.key.pem'), cert: fixture('tls/targets.cert.pem') };

interface Row {
  readonly id: string;
  readonly expect: 'allow' | 'refuse';
  readonly why: string;
  readonly source: string;
  /** An address as the resolver hands it over. */
  readonly host?: string;
  readonly url?: string;
  readonly parsed_host?: string | null;
  readonly resolves_to?: readonly string[];
  readonly resolves_next?: readonly string[];
  readonly connects_to?: string;
  readonly redirect_status?: number;
  readonly redirect_to?: string;
}
const rows: readonly Row[] = JSON.parse(vectors);

/** Gives each answer once; asked more often, it fails. */
const answersOnce = (script: readonly (readonly string[])[]) => {
  const asked: string[] = [];
  const resolve: Resolve = async (hostname) => {
    const answer = script[asked.length];
    asked.push(hostname);
    if (!answer) throw new Error(`a look-up too many: ${asked.join(', ')}`);
    return answer;
  };
  return { asked, resolve };
};

const addressOfName = 'https://hooks.example.com/in';

/** What a row amounts to: a URL, and the answers of the resolver if it may be asked at all. */
const targetOf = ({ host, url = '', resolves_to, resolves_next }: Row) => {
  if (host !== undefined) return { url: addressOfName, script: [[host]] };
  return { url, script: [resolves_to, resolves_next].filter((answer) => answer !== undefined) };
};

/** The address of the one connection that an allowed row makes, as the operating system is told it. */
const addressOf = ({ host, connects_to, resolves_to, parsed_host }: Row): string =>
  host ?? connects_to ?? resolves_to?.[0] ?? (parsed_host ?? '').replace(/^\[|\]$/g, '');

const portOf = (url: string): number => Number(new URL(url).port || 443);

const run = async (row: Row) => {
  const { url, script } = targetOf(row);
  await using server = await receiver({
    tls,
    ...(row.redirect_status !== undefined && {
      answer: answers.status(row.redirect_status, { location: row.redirect_to ?? '' }),
    }),
  });
  const connects = await tapConnects(server.port);
  const { asked, resolve } = answersOnce(script);
  const outcome = await aWebhook(url, { allow: [], resolve, ca: tls.cert }).send(aBatch(), { number: 4 });
  return { url, outcome, connects, asked, received: server.received };
};

describe('at the socket', () => {
  it.each(rows.map((row) => [row.id, row.expect, row.why, row] as const))('%s: %s, %s', async (_id, _x, _why, row) => {
    const { url, outcome, connects, asked, received } = await run(row);
    const looksUp = isIP(new URL(URL.canParse(url) ? url : addressOfName).hostname.replace(/^\[|\]$/g, '')) === 0;
    switch (row.redirect_status === undefined ? row.expect : 'redirected') {
      case 'allow':
        expect(connects).toEqual([{ address: addressOf(row), port: portOf(url) }]);
        expect(outcome.kind).toBe('delivered');
        expect(received.map(({ headers }) => headers['host'])).toEqual([new URL(url).host.replace(/\.$/, '')]);
        expect(asked).toHaveLength(looksUp ? 1 : 0);
        break;
      case 'redirected':
        expect(connects).toEqual([{ address: addressOf(row), port: portOf(url) }]);
        expect(outcome).toMatchObject({ kind: 'misconfigured', answer: expect.stringContaining('not followed') });
        expect(received).toHaveLength(1);
        expect(asked).toHaveLength(1);
        break;
      default:
        expect(connects).toEqual([]);
        expect(outcome.kind).toBe('misconfigured');
        expect(received).toEqual([]);
        expect(asked.length).toBeLessThanOrEqual(1);
    }
  });
});

describe('the vectors', () => {
  it('are those that were agreed, every one with an expectation and no field that is not looked at', () => {
    expect(createHash('sha256').update(vectors).digest('hex')).toBe(
      '9482e44f1b4977ddcd9a5c416528e5e6e336dff0a966a34e96bdce7f81f73c06',
    );
    expect(new Set(rows.map(({ id }) => id)).size).toBe(282);
    const fields = new Set(rows.flatMap((row) => Object.keys(row)));
    expect([...fields].toSorted()).toEqual([
      'connects_to',
      'expect',
      'host',
      'id',
      'parsed_host',
      'redirect_status',
      'redirect_to',
      'resolves_next',
      'resolves_to',
      'source',
      'url',
      'why',
    ]);
    expect(rows.filter((row) => !/^(allow|refuse)$/.test(row.expect))).toEqual([]);
    expect(rows.filter((row) => (row.host === undefined) === (row.url === undefined))).toEqual([]);
  });

  it.each(rows.filter((row) => row.url !== undefined).map((row) => [row.id, row] as const))(
    '%s: its host is what this Node parses',
    (_id, row) => {
      expect(URL.parse(row.url ?? '')?.hostname ?? null).toBe(row.parsed_host);
    },
  );
});

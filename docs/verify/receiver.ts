/**
 * Verifies what a webhook receiver was sent: each delivery by its signature, and all of them as one unbroken chain.
 *
 * One file, no dependencies; Node 24 runs it as it is: SLUICE_WEBHOOK_SECRET=whsec_… node receiver.ts FILE...
 * Each file holds one delivery a line, in any order: {"headers":{"webhook-id":"…",…},"body":"…"}, the body as it came, as text (a compressed
 * one in base64). While a secret is being changed, give both, with a space between; a public key (whpk_…) stands for its secret. Prints a line
 * for each subscription up to the first break; ends with 0 (intact), 1 (broken, or nothing there) or 2 (wrong usage). The chain hash is a signed head's.
 */
import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';

/** As a server got it: header names in lower case, the raw bytes of the body, unpacked when it came compressed. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What the chain needs of a delivery: 64 zeros precede the first batch; `chain` is the hash after it. */
export interface Link {
  readonly id: string;
  readonly sequence: number;
  readonly previous: string;
  readonly chain: string;
  readonly events: number;
}

const toleranceSeconds = 300;
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/**
 * Why a delivery is not to be believed; `undefined`: one of the secrets (`whsec_`) or keys (`whpk_`) vouches for it. https://www.standardwebhooks.com
 * @param nowSeconds leave it out for a delivery that was stored: then only the signature counts, not its age
 */
export const refusal = (secrets: readonly string[], delivery: Delivery, nowSeconds?: number): string | undefined => {
  const { 'webhook-id': id, 'webhook-timestamp': time = '', 'webhook-signature': signatures = '' } = delivery.headers;
  if (!id) return 'it has no webhook-id';
  if (!/^\d+$/.test(time)) return 'its webhook-timestamp is no number';
  if (nowSeconds !== undefined && Math.abs(nowSeconds - Number(time)) > toleranceSeconds)
    return `its webhook-timestamp is more than ${toleranceSeconds} s from now`;
  const signed = Buffer.concat([Buffer.from(`${id}.${time}.`), delivery.body]);
  const isTrue = secrets.some((secret) => signatures.split(' ').some((given) => isGood(secret, given, signed)));
  return isTrue ? undefined : 'no secret made any of its signatures: it was altered, or sent by somebody else';
};

const isGood = (secret: string, signature: string, signed: Uint8Array): boolean => {
  const key = Buffer.from(secret.replace(/^wh(sec|pk)_/, ''), 'base64');
  if (secret.startsWith('whpk_')) {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
    const [version, given = ''] = signature.split(',');
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    return version === 'v1a' && verify(null, signed, publicKey, Buffer.from(given, 'base64'));
  }
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const given = Buffer.from(signature);
  // In a time that tells nothing about the signature that was expected.
  return given.length === expected.length && timingSafeEqual(given, expected);
};

/** The place of a delivery in its subscription's chain; `undefined`: it is a message of another type, outside of the chain. */
export const linkOf = ({ headers, body }: Delivery): (Link & { readonly subscription: string }) | undefined => {
  const { type, data } = JSON.parse(Buffer.from(body).toString('utf8'));
  if (type !== 'closer.security.events') return undefined;
  const { subscription, sequence, previous, events } = data;
  const chain = sha256(`${previous}\n${sha256(body)}`);
  return { id: headers['webhook-id'] ?? '', subscription, sequence, previous, chain, events: events.length };
};

/** The chain hash after the last batch, or the first break. Of two contents of one batch that one counts which the next batch follows on. */
export const follow = (links: readonly Link[]) => {
  const ends = new Set(links.map(({ previous }) => previous));
  const kept = new Map(links.filter(({ chain }) => ends.has(chain)).map((link) => [link.sequence, link]));
  const isLeft = ({ id, chain, sequence, previous }: Link): boolean => {
    const other = ends.has(chain) ? undefined : kept.get(sequence);
    return other !== undefined && other.previous === previous && other.id !== id;
  };
  const contents = [...new Map(links.map((link) => [link.chain, link])).values()];
  const counted = contents.filter((link) => !isLeft(link)).sort((a, b) => a.sequence - b.sequence);
  const found = { counted, superseded: contents.filter(isLeft) };
  let chain = '0'.repeat(64);
  for (const [place, { id, sequence, previous, chain: next }] of counted.entries()) {
    const broken = (what: string, at = sequence) => ({ ...found, chain, break: `batch ${at}: ${what}` });
    const [expected, last] = [place + 1, counted[place - 1]];
    if (sequence === last?.sequence) return broken(`there are two with different content, ${last.id} and ${id}`);
    if (sequence !== expected) return broken(`it is missing; batch ${sequence} is the next one there is`, expected);
    if (previous !== chain) return broken(`it follows on ${previous}, but before it comes ${chain}`);
    chain = next;
  }
  return { ...found, chain };
};

/** Deliveries of the files, with the place of each; `undefined` where a line is none. */
async function* stored(files: readonly string[]): AsyncGenerator<readonly [string, Delivery | undefined]> {
  for (const file of files) {
    let number = 0;
    const input = createReadStream(file, 'latin1').on('error', () => {
      console.error(`${file} cannot be read. Check the path and its permissions.`);
      process.exit(2);
    });
    for await (const line of createInterface({ input })) {
      number += 1;
      if (line.trim() !== '') yield [`${file}:${number}`, deliveryIn(line)];
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const deliveryIn = (line: string): Delivery | undefined => {
  try {
    const { headers, body } = JSON.parse(utf8.decode(Buffer.from(line, 'latin1')));
    const lower = Object.entries<string>(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const bytes = body.startsWith('{') ? Buffer.from(body) : gunzipSync(Buffer.from(body, 'base64'));
    return { headers: Object.fromEntries(lower), body: bytes };
  } catch {
    return undefined;
  }
};

const failed = (verdict: string): number => {
  console.log(verdict);
  return 1;
};

const main = async (files: readonly string[]): Promise<number> => {
  const secrets = (process.env['SLUICE_WEBHOOK_SECRET'] ?? '').split(' ').filter(Boolean);
  if (files.length === 0 || secrets.length === 0 || files.includes('--help')) {
    console.error('Usage: SLUICE_WEBHOOK_SECRET="whsec_… [whsec_…]" node receiver.ts FILE...');
    return files.includes('--help') ? 0 : 2;
  }
  const all: (Link & { readonly subscription: string })[] = [];
  for await (const [place, delivery] of stored(files)) {
    const why = delivery ? refusal(secrets, delivery) : 'it is no stored delivery';
    if (!delivery || why) return failed(`broken: ${place}: ${why}`);
    const link = linkOf(delivery);
    if (link) all.push(link);
  }
  for (const [subscription, links] of Map.groupBy(all, (link) => link.subscription)) {
    const { chain, counted, superseded, ...found } = follow(links);
    if ('break' in found) return failed(`broken: subscription ${subscription}, ${found.break}`);
    const events = counted.reduce((sum, link) => sum + link.events, 0);
    const also = superseded.map(({ sequence, id }) => `, superseded: ${id} of batch ${sequence}`).join('');
    const counts = `batches 1 to ${counted.length}, ${events} events, ${links.length} deliveries${also}`;
    console.log(`intact: subscription ${subscription}, ${counts}, chain ${chain}`);
  }
  return all.length > 0 ? 0 : failed('nothing to verify: no batch of events was stored');
};

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

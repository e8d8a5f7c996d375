/**
 * Verifies what a webhook receiver was sent: each delivery by its signature, and all of them as one unbroken chain.
 *
 * One file, no dependencies; Node 24 runs it as it is:
 *
 *     SLUICE_WEBHOOK_SECRET=whsec_… node receiver.ts FILE...
 *
 * Each file holds one delivery a line, in any order: {"headers":{"webhook-id":"…",…},"body":"…"}, the body as it came, as text. While a
 * secret is being changed, give both, with a space between. Prints a line for each subscription up to the first break; ends with 0 (intact), 1
 * (broken) or 2 (wrong usage). The chain hash it prints is the one that a signed head names for that batch.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** As a server got it: header names in lower case, the raw bytes of the body. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What the chain needs of a delivery: 64 zeros precede the first batch. */
export interface Link {
  readonly id: string;
  readonly sequence: number;
  readonly previous: string;
  readonly sha256: string;
  readonly events: number;
}

const toleranceSeconds = 300;
const noHash = '0'.repeat(64);
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/**
 * Why a delivery is not to be believed; `undefined`: one of the secrets signed it. https://www.standardwebhooks.com
 * @param nowSeconds leave it out for a delivery that was stored: then only the signature counts, not its age
 */
export const refusal = (
  secrets: readonly string[],
  { headers, body }: Delivery,
  nowSeconds?: number,
): string | undefined => {
  const { 'webhook-id': id, 'webhook-timestamp': time = '', 'webhook-signature': signatures = '' } = headers;
  if (!id) return 'it has no webhook-id';
  if (!/^\d+$/.test(time)) return 'its webhook-timestamp is no number';
  if (nowSeconds !== undefined && Math.abs(nowSeconds - Number(time)) > toleranceSeconds)
    return `its webhook-timestamp is more than ${toleranceSeconds} s from now`;
  const given = signatures.split(' ').map((one) => Buffer.from(one));
  for (const secret of secrets) {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const mac = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64');
    const expected = Buffer.from(`v1,${mac}`);
    // In a time that tells nothing about the signature that was expected.
    if (given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))) return undefined;
  }
  return 'no secret made any of its signatures: it was altered, or sent by somebody else';
};

/** The place of a delivery in its subscription's chain; `undefined`: it is a message of another type, outside of the chain. */
export const linkOf = ({ headers, body }: Delivery): (Link & { readonly subscription: string }) | undefined => {
  const { type, data } = JSON.parse(Buffer.from(body).toString('utf8'));
  if (type !== 'closer.security.events') return undefined;
  const { subscription, sequence, previous, events } = data;
  const id = headers['webhook-id'] ?? '';
  return { id, subscription, sequence, previous, sha256: sha256(body), events: events.length };
};

/** The chain hash after the last batch, or the first break. A repetition of the same bytes under the same id is none. */
export const follow = (links: readonly Link[]): { readonly chain: string; readonly break?: string } => {
  let chain = noHash;
  let last: Link | undefined;
  for (const link of links.toSorted((a, b) => a.sequence - b.sequence)) {
    const { id, sequence, previous } = link;
    const broken = (what: string) => ({ chain, break: `batch ${what}` });
    if (last && sequence === last.sequence) {
      if (id === last.id && link.sha256 === last.sha256) continue;
      return broken(`${sequence}: there are two with different content, ${last.id} and ${id}`);
    }
    const expected = (last?.sequence ?? 0) + 1;
    if (sequence !== expected) return broken(`${expected}: it is missing; batch ${sequence} is the next one there is`);
    if (previous !== chain) return broken(`${sequence}: it follows on ${previous}, but before it comes ${chain}`);
    chain = sha256(`${previous}\n${link.sha256}`);
    last = link;
  }
  return { chain };
};

/** Deliveries of the files, with the place of each; `undefined` where a line is none. */
async function* stored(files: readonly string[]): AsyncGenerator<readonly [string, Delivery | undefined]> {
  for (const file of files) {
    let number = 0;
    for await (const line of createInterface({ input: createReadStream(file) })) {
      number += 1;
      if (line !== '') yield [`${file}:${number}`, deliveryIn(line)];
    }
  }
}

const deliveryIn = (line: string): Delivery | undefined => {
  try {
    const { headers, body } = JSON.parse(line);
    const lower = Object.entries<string>(headers).map(([name, value]) => [name.toLowerCase(), value]);
    return { headers: Object.fromEntries(lower), body: Buffer.from(body) };
  } catch {
    return undefined;
  }
};

const broken = (what: string): number => {
  console.log(`broken: ${what}`);
  return 1;
};

const main = async (files: readonly string[], secrets: readonly string[]): Promise<number> => {
  if (files.length === 0 || secrets.length === 0) {
    console.error('Usage: SLUICE_WEBHOOK_SECRET="whsec_… [whsec_…]" node receiver.ts FILE...');
    return 2;
  }
  const chains = new Map<string, Link[]>();
  for await (const [place, delivery] of stored(files)) {
    const why = delivery ? refusal(secrets, delivery) : 'it is no stored delivery';
    if (!delivery || why) return broken(`${place}: ${why}`);
    const link = linkOf(delivery);
    if (!link) continue;
    const links = chains.get(link.subscription);
    if (links) links.push(link);
    else chains.set(link.subscription, [link]);
  }
  for (const [subscription, links] of chains) {
    const { chain, break: why } = follow(links);
    if (why) return broken(`subscription ${subscription}, ${why}`);
    const batches = new Map(links.map((link) => [link.sequence, link.events]));
    const events = [...batches.values()].reduce((sum, count) => sum + count, 0);
    const counts = `batches 1 to ${batches.size}, ${events} events, ${links.length} deliveries`;
    console.log(`intact: subscription ${subscription}, ${counts}, chain ${chain}`);
  }
  if (chains.size === 0) console.log('intact: no deliveries');
  return 0;
};

if (import.meta.main) {
  const secrets = (process.env['SLUICE_WEBHOOK_SECRET'] ?? '').split(' ').filter(Boolean);
  process.exitCode = await main(process.argv.slice(2), secrets);
}

import { type Checkpoint, checkpointPartition } from '../core/checkpoint.ts';
import { OperatorMustFix } from '../core/errors.ts';
import { type Head, headName, type SignedHead, saysTheSame, signedAtMs } from '../core/head.ts';
import { beginningOfTime } from '../core/instant.ts';
import { canonicalText, type Manifest, noHash } from '../core/segment.ts';
import { checkSignature, type SigningKeys, signingKeysOf } from '../core/signing-key.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import { checkStates } from './heads/check-states.ts';
import { newestHeadName, readHead } from './heads/newest-head.ts';
import { subscriptionHeads } from './heads/subscription-heads.ts';
import type { Journal } from './journal/open-journal.ts';
import type { Roster } from './roster.ts';

export interface HeadDeps {
  readonly journal: Journal;
  /** The store that the journal lies in: heads lie beside it. */
  readonly journalStore: BlobStore;
  readonly records: RecordStore;
  readonly roster: Pick<Roster, 'all'>;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

export interface KeptHead {
  /** In the journal's store. */
  readonly name: string;
  readonly signed: SignedHead;
}

const hourMs = 3_600_000;

/**
 * Signs how far the journal and every subscription have come, and keeps it beside the journal. Any number of these at once do no harm.
 * Nothing is signed over a journal or a state that contradicts what was signed before: a cut, or an old backup, would be covered up.
 * @throws OperatorMustFix no root key, or the newest head is damaged or contradicts journal or state
 * @throws RetryLater when a store does not answer
 */
export const signHead = async (deps: HeadDeps): Promise<KeptHead> => {
  const keys = signingKeysOf(await deps.secrets.get('rootKey'));
  const newest = await keptHead(deps, await newestHeadName(deps.journalStore, deps.journal.source));
  return keep(deps, keys, await currentHead(deps, keys, newest));
};

/**
 * The same, once an hour, and only when there is something to say that was not said.
 * @returns `undefined` when no head was due
 */
export const signHeadWhenDue = async (deps: HeadDeps): Promise<KeptHead | undefined> => {
  const name = await newestHeadName(deps.journalStore, deps.journal.source);
  if (name !== undefined && deps.clock.nowMs() - signedAtMs(name) < hourMs) return undefined;
  const keys = signingKeysOf(await deps.secrets.get('rootKey'));
  const newest = await keptHead(deps, name);
  const head = await currentHead(deps, keys, newest);
  const isNews = newest ? !saysTheSame(head, newest.signed.head) : head.journal.seq > 0;
  return isNews ? keep(deps, keys, head) : undefined;
};

const keptHead = async ({ journalStore }: HeadDeps, name: string | undefined): Promise<KeptHead | undefined> =>
  name === undefined ? undefined : { name, signed: await readHead(journalStore, name) };

const currentHead = async (deps: HeadDeps, keys: SigningKeys, newest: KeptHead | undefined): Promise<Head> => {
  const { journal, records, roster, clock } = deps;
  const at = new Date(clock.nowMs()).toISOString();
  // Before the journal: no cursor lies beyond the segment that the head names.
  const { heads, subscriptions } = await subscriptionHeads(records, roster);
  const last = await lastSegment(deps, keys, newest);
  if (newest) checkStates(newest.signed.head, heads, subscriptions);
  return {
    version: 1,
    source: journal.source,
    at,
    journal: { seq: last?.seq ?? 0, hash: last?.hash ?? noHash, watermark: last?.watermark ?? beginningOfTime },
    subscriptions: heads,
  };
};

/** The newest segment, which follows what the newest head names. */
const lastSegment = async (
  { journal, journalStore, records }: HeadDeps,
  { keySet }: SigningKeys,
  newest: KeptHead | undefined,
): Promise<Manifest | undefined> => {
  const checkpoint = (await records.get(checkpointPartition, journal.source))?.value as Checkpoint | undefined;
  if (!newest) return journal.head(checkpoint?.head ?? 0);
  const { name, signed } = newest;
  const where = `The signed head ${journalStore.description}/${name}`;
  if (checkSignature(signed.head, signed, keySet) === 'wrong')
    throw new OperatorMustFix(
      `${where} was altered: its signature is wrong. Restore it from a copy that was kept; npx sluice verify shows what else is wrong.`,
    );
  const { seq, hash } = signed.head.journal;
  if (seq > 0 && (await journal.manifest(seq))?.hash !== hash)
    throw new OperatorMustFix(
      `${where} says that segment ${seq} of source "${journal.source}" has hash ${hash.slice(0, 16)}…, and the journal has no such segment: it was cut or replaced. Restore it from a backup; npx sluice verify shows what is wrong.`,
    );
  return journal.head(Math.max(seq, checkpoint?.head ?? 0));
};

const keep = async ({ journalStore }: HeadDeps, { current }: SigningKeys, head: Head): Promise<KeptHead> => {
  const name = headName(head);
  const signed: SignedHead = { head, ...current.sign(head) };
  const text = Buffer.from(canonicalText(signed));
  if ((await journalStore.putIfAbsent(name, text, { contentType: 'application/json' })) === 'created')
    return { name, signed };
  // Signed in the same millisecond by somebody else: that one stands.
  return { name, signed: await readHead(journalStore, name) };
};

import { type DigestObject, digestPrefix } from '../core/digest.ts';
import type { SubscriptionHead } from '../core/head.ts';
import type { KeySet } from '../core/signing-key.ts';
import type { Break } from '../core/verify/break.ts';
import type { CheckedHead } from '../core/verify/head-check.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import { attestedNames } from './verify/attested-names.ts';
import type { Scratch } from './verify/dealt-entries.ts';
import { type DeliveredObject, readDelivered } from './verify/delivered-object.ts';
import { type PlacedDigest, walkDigests } from './verify/digest-walk.ts';
import { inOrder } from './verify/in-order.ts';
import { namesUnder } from './verify/names.ts';

export interface VerifyDeliveredDeps {
  /** The folder or bucket that a destination writes to; only read. */
  readonly store: BlobStore;
  readonly clock: Clock;
  readonly scratch: Scratch;
  /** Absent: signatures stay unchecked. */
  readonly keys?: KeySet;
  /** Heads kept elsewhere: how far the subscriptions had come. */
  readonly witnesses?: readonly CheckedHead[];
  /** Objects delivered longer ago may have been removed by whom they belong to; absent: none may be missing. */
  readonly retentionMs?: number;
  readonly progress?: (done: number, of: number) => void;
}

/** What was checked, up to the first break when there is one. */
export interface DeliveredVerdict {
  readonly break?: Break;
  readonly subscriptions: readonly string[];
  readonly digests: number;
  /** Attested by them. */
  readonly objects: number;
  readonly events: number;
  readonly bytes: number;
  /** Attested, and removed since. */
  readonly expired: number;
  /** Objects younger than the last digest: nothing vouches for them yet. */
  readonly notYetAttested: number;
  /** When the first and the last attested object were delivered, ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  readonly signatures: 'good' | 'unchecked';
  readonly kids: readonly string[];
}

/** Each holds one object, packed and unpacked: at most 64 MiB and what that packs to. */
const objectsAtOnce = 2;

/**
 * Checks what a folder or bucket received, from its objects and digests alone: every digest against its signature and the one before it,
 * every object against its digest and its place in the chain, and that nothing lies there beside them. Memory does not grow with it.
 * @throws RetryLater, OperatorMustFix when the store cannot be read; what is wrong with the record is in the verdict
 */
export const verifyDelivered = async (deps: VerifyDeliveredDeps): Promise<DeliveredVerdict> => {
  const { store, clock, keys, retentionMs = Number.POSITIVE_INFINITY, progress = () => {} } = deps;
  const names = attestedNames(deps.scratch);
  const witnessed = (deps.witnesses ?? []).flatMap(({ name, signed }) =>
    signed.head.subscriptions.map((head) => ({ ...head, witness: name })),
  );
  const tally = { digests: 0, objects: 0, events: 0, bytes: 0, expired: 0 };
  const kids = new Set<string>();
  const last = new Map<string, number>();
  let signatures: DeliveredVerdict['signatures'] = keys ? 'good' : 'unchecked';
  let from: string | undefined;
  let to: string | undefined;
  const total = await countOf(store);

  const checkObject = (
    object: DigestObject,
    { digest, name }: PlacedDigest,
    read: DeliveredObject,
  ): Break | undefined => {
    const contradicted = witnessed.find(
      (each) => isAt(each, digest.subscription, object) && each.chain !== object.chain,
    );
    if (contradicted) return otherThanWitnessed(contradicted, object);
    last.set(digest.subscription, object.sequence);
    tally.objects += 1;
    tally.events += object.events;
    if (read.kind === 'broken') return read.break;
    if (read.kind === 'intact') tally.bytes += read.bytes;
    else if (clock.nowMs() - Date.parse(digest.to) > retentionMs) tally.expired += 1;
    else return missing(object, name);
    return undefined;
  };

  const checkDigest = async (placed: PlacedDigest): Promise<Break | undefined> => {
    const { digest, before } = placed;
    const misplaced = chainBreak(placed);
    if (misplaced) return misplaced;
    let previous = digest.chain;
    const named = digest.objects.map((object) => {
      const one = { object, subscription: digest.subscription, previous };
      previous = object.chain;
      return one;
    });
    const reading = inOrder(named, objectsAtOnce, async (one) => ({ ...one, read: await readDelivered(store, one) }));
    for await (const { object, read } of reading) {
      const found = checkObject(object, placed, read);
      if (found) return found;
      names.add({ tenant: tenantFolder(placed.name), subscription: digest.subscription, chain: placed.chain, object });
    }
    await names.flush();
    if (!before) from = earlier(from, digest.from);
    to = later(to, digest.to);
    return undefined;
  };

  const walk = async (): Promise<{ readonly break?: Break | undefined; readonly notYetAttested: number }> => {
    for await (const step of walkDigests(store, keys)) {
      const found = 'break' in step ? step.break : await checkDigest(step);
      if (found || 'break' in step) return { break: found, notYetAttested: 0 };
      tally.digests += 1;
      kids.add(step.kid);
      if (step.signature === 'unchecked') signatures = 'unchecked';
      progress(tally.digests, total);
    }
    const rest = await names.close(store);
    if (rest.break) return rest;
    const cut = witnessed.find(({ id, sequence }) => sequence > (last.get(id) ?? sequence) + rest.notYetAttested);
    return cut ? { ...rest, break: cutOff(cut, last.get(cut.id) ?? 0) } : rest;
  };

  const { break: found, notYetAttested } = await walk();
  return {
    ...(found && { break: found }),
    subscriptions: [...last.keys()],
    ...tally,
    notYetAttested,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    signatures,
    kids: [...kids],
  };
};

type Witnessed = SubscriptionHead & { readonly witness: string };

const countOf = async (store: BlobStore): Promise<number> => {
  let count = 0;
  for await (const _ of namesUnder(store, digestPrefix)) count += 1;
  return count;
};

/** The objects of a digest go on where those of the one before ended. */
const chainBreak = ({ digest, before, name }: PlacedDigest): Break | undefined => {
  const end = before?.objects.at(-1);
  const [first] = digest.objects;
  if (!end || !first) return undefined;
  const goesOn = digest.chain === end.chain && first.sequence === end.sequence + 1;
  if (goesOn) return undefined;
  return {
    kind: 'missing',
    place: name,
    from: end.sequence + 1,
    expected: `batch ${end.sequence + 1}, after chain hash ${end.chain}`,
    found: `batch ${first.sequence}, after chain hash ${digest.chain}`,
  };
};

const isAt = ({ id, sequence }: Witnessed, subscription: string, object: DigestObject): boolean =>
  id === subscription && sequence === object.sequence;

const otherThanWitnessed = (
  { witness, chain }: Witnessed,
  { object, sequence, chain: found }: DigestObject,
): Break => ({
  kind: 'not as signed',
  place: object,
  from: 1,
  expected: `chain hash ${chain} after batch ${sequence}, as signed in ${witness}`,
  found: `chain hash ${found}`,
});

const cutOff = ({ id, sequence, witness }: Witnessed, last: number): Break => ({
  kind: 'cut off',
  place: `subscription "${id}"`,
  from: last + 1,
  expected: `batches up to ${sequence}, as signed in ${witness}`,
  found: `batch ${last} as the last that a digest names`,
});

const missing = ({ object, sequence }: DigestObject, digest: string): Break => ({
  kind: 'missing',
  place: object,
  from: sequence,
  expected: `the object that ${digest} names`,
  found: 'nothing',
});

/** `acme` of `digests/tenant=acme/…`: as the names of its objects spell it. */
const tenantFolder = (digest: string): string => digest.split('/')[1]?.replace('tenant=', '') ?? '';

const earlier = (a: string | undefined, b: string): string => (a !== undefined && a < b ? a : b);
const later = (a: string | undefined, b: string): string => (a !== undefined && a > b ? a : b);

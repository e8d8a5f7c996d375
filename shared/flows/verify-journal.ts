import { type Manifest, manifestName } from '../core/segment.ts';
import type { KeySet } from '../core/signing-key.ts';
import type { Break } from '../core/verify/break.ts';
import type { CheckedHead } from '../core/verify/head-check.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Scratch } from './verify/dealt-entries.ts';
import { inOrder } from './verify/in-order.ts';
import { keyLedger, type Repetition } from './verify/key-ledger.ts';
import { leftoversOf } from './verify/leftovers.ts';
import { countManifests, walkManifests } from './verify/manifest-walk.ts';
import { checkContent, type ReadObject, readObject } from './verify/segment-object.ts';
import { signedHeads } from './verify/signed-heads.ts';

export interface VerifyJournalDeps {
  readonly store: BlobStore;
  readonly source: string;
  readonly clock: Clock;
  readonly scratch: Scratch;
  /** Absent: signatures stay unchecked. */
  readonly keys?: KeySet;
  /** Heads kept elsewhere. */
  readonly witnesses?: readonly CheckedHead[];
  /** Objects of segments committed longer ago may have expired. */
  readonly retentionMs: number;
  readonly progress?: (done: number, of: number) => void;
}

/** What was checked, up to the first break when there is one. */
export interface JournalVerdict {
  readonly break?: Break;
  readonly source: string;
  readonly segments: number;
  readonly events: number;
  /** Of the segments' objects. */
  readonly bytes: number;
  /** The first and the last time of an event; ISO 8601 with nanoseconds. */
  readonly from?: string;
  readonly to?: string;
  /** Segments whose events have expired; their manifests were checked. */
  readonly expired: number;
  /** Objects that no manifest names, left by runs that lost a race or died: harmless. */
  readonly leftovers: number;
  /** Events that stand twice, with two times: their documents were changed at the source. */
  readonly changedAtSource: number;
  readonly heads: {
    readonly good: number;
    /** Not checked, for want of a key. */
    readonly unchecked: number;
    readonly kids: readonly string[];
    /** The last segment that a good signature covers; what comes after is held by the chain alone. 0: none. */
    readonly attested: number;
    readonly newestAt?: string;
  };
}

/** Each holds one object, packed and unpacked: about 12 MiB. */
const objectsAtOnce = 3;

/**
 * Reads a journal from its beginning to its end and compares everything that can be: manifests, objects, events, keys, and what was
 * signed about them. Reads only; memory does not grow with the journal. May run beside a live pull.
 * @throws RetryLater, OperatorMustFix when the store cannot be read; what is wrong with the record is in the verdict
 */
export const verifyJournal = async (deps: VerifyJournalDeps): Promise<JournalVerdict> => {
  const { store, source, clock, witnesses = [], retentionMs, progress = () => {} } = deps;
  const heads = signedHeads({ store, source, keys: deps.keys, witnesses });
  const leftovers = leftoversOf(store, source);
  const ledger = keyLedger(deps.scratch);
  const total = await countManifests(store, source);
  const tally = { segments: 0, events: 0, bytes: 0, expired: 0, expiredUpTo: 0 };
  let from: Manifest['minTime'] = null;
  let last: Manifest | undefined;

  const checkObject = async (manifest: Manifest, object: ReadObject): Promise<Break | undefined> => {
    if (object.kind === 'broken') return object.break;
    if (object.kind === 'read') {
      tally.bytes += object.bytes;
      return checkContent(manifest, object.parts, ledger.add);
    }
    if (clock.nowMs() - Date.parse(manifest.committedAt) <= retentionMs) return missingObject(manifest);
    tally.expired += 1;
    tally.expiredUpTo = manifest.seq;
    return undefined;
  };

  const walk = async (): Promise<Break | undefined> => {
    const early = (await heads.upTo(undefined)) ?? (await leftovers.upTo(0, undefined));
    if (early) return early;
    const readBoth = async (step: Manifest | { readonly break: Break }) =>
      'break' in step ? step : { manifest: step, object: await readObject(store, step) };
    for await (const step of inOrder(walkManifests(store, source), objectsAtOnce, readBoth)) {
      if ('break' in step) return step.break;
      const { manifest, object } = step;
      const found =
        (await checkObject(manifest, object)) ??
        (await leftovers.upTo(manifest.seq, manifest.object)) ??
        (await heads.upTo(manifest));
      if (found) return found;
      await ledger.flush();
      last = manifest;
      tally.segments += 1;
      tally.events += manifest.count;
      if (manifest.minTime !== null && (from === null || manifest.minTime < from)) from = manifest.minTime;
      progress(manifest.seq, Math.max(total, manifest.seq));
    }
    const end = last?.seq ?? 0;
    return (await heads.after(end)) ?? (await leftovers.after(end));
  };

  const broken = await walk();
  const repetitions = await ledger.close(tally.expiredUpTo);
  const { first } = repetitions;
  const repeated = first && (!broken || first.seq < broken.from) ? repetition(source, first) : undefined;
  const found = repeated ?? broken;
  const { expiredUpTo: _, ...counted } = tally;
  return {
    ...(found && { break: found }),
    source,
    ...counted,
    ...(from !== null && { from }),
    ...(last?.maxTimeSoFar && { to: last.maxTimeSoFar }),
    leftovers: leftovers.count,
    changedAtSource: repetitions.changedAtSource,
    heads: {
      good: heads.good,
      unchecked: heads.unchecked,
      kids: [...heads.kids],
      attested: heads.attested,
      ...(heads.newestAt !== undefined && { newestAt: heads.newestAt }),
    },
  };
};

const missingObject = ({ object, seq, committedAt }: Manifest): Break => ({
  kind: 'missing',
  place: object,
  from: seq,
  expected: `the object of segment ${seq}, committed ${committedAt}`,
  found: 'nothing, although it cannot have expired yet',
});

const repetition = (source: string, { kind, key, first, seq }: Repetition): Break => ({
  kind: 'repeated',
  place: manifestName(source, seq),
  from: seq,
  expected: kind === 'again' ? 'every event once' : 'only events that nobody owned before',
  found: `the event of key ${key} ${first === 0 ? 'that never stood in the journal' : `again, which stands in segment ${first}`}`,
});

/** One change to the bytes of a store, by somebody who may write there and does not know what they mean. */
import { gzipSync } from 'node:zlib';
import { headPrefix } from '../../shared/core/head.ts';
import { canonicalText, type Manifest, manifestName, objectPrefix, sealManifest } from '../../shared/core/segment.ts';
import { type AJournal, source } from './a-journal.ts';
import type { Files } from './files.ts';
import type { Random } from './random.ts';

export interface Change {
  /** For messages: `cut segments/…`. */
  readonly what: string;
  readonly files: Files;
  /** Where the verifier has to stop. */
  readonly places: readonly string[];
  /** Nothing from here on may be said to be proven; absent: the place says enough. */
  readonly from?: number;
}

/** `undefined`: this choice would change nothing that the record promises; the rules are in `docs/verify-record.md`. */
export const changedFiles = (journal: AJournal, random: Random): Change | undefined => {
  const { manifests, plan } = journal;
  const files: Files = new Map(journal.files);
  const names = [...files.keys()];
  const name = random.one(names);
  const bytes = files.get(name) ?? new Uint8Array();
  const changed = (what: string, ...places: readonly string[]): Change => ({ what: `${what} ${name}`, files, places });
  const put = (what: string, next: Uint8Array): Change => {
    files.set(name, next);
    return changed(what, name);
  };

  switch (
    random.one([
      'flip',
      'flip',
      'cut',
      'append',
      'delete',
      'swap',
      'replace',
      'copy over',
      'copy to',
      'seal anew',
    ] as const)
  ) {
    case 'flip': {
      const flipped = Buffer.from(bytes);
      const at = random.below(flipped.length);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return put('flip a bit of', flipped);
    }
    case 'cut':
      return put('cut', bytes.subarray(0, random.below(bytes.length)));
    case 'append':
      return put('append to', Buffer.concat([bytes, random.one(tails)]));
    case 'replace':
      return put('replace', Buffer.from(Array.from({ length: bytes.length }, () => random.below(256))));
    case 'delete':
      if (!isMissed(name, journal)) return undefined;
      files.delete(name);
      return changed('delete', name);
    case 'swap': {
      const other = random.one(names);
      const others = files.get(other) ?? new Uint8Array();
      if (Buffer.compare(bytes, others) === 0) return undefined;
      files.set(name, others).set(other, bytes);
      return changed(`swap ${other} and`, name, other);
    }
    case 'copy over': {
      const other = random.one(names);
      if (Buffer.compare(bytes, files.get(other) ?? new Uint8Array()) === 0) return undefined;
      files.set(other, bytes);
      return changed(`copy over ${other}:`, other);
    }
    case 'seal anew': {
      const { seq, hash: _, ...content } = random.one(manifests);
      const sealed = sealManifest({ ...content, seq, committedAt: '2026-02-28T00:00:00.000Z' });
      if (seq === manifests.length && !plan.signed.some(({ after }) => after === seq)) return undefined;
      files.set(manifestName(source, seq), Buffer.from(canonicalText(sealed)));
      const places = [manifestName(source, seq), manifestName(source, seq + 1)];
      return { what: `seal the manifest of segment ${seq} anew`, files, places, from: seq };
    }
    case 'copy to': {
      const other = random.one(strangeNames(manifests));
      files.set(other, bytes);
      // The next manifest's name may hold no manifest; a later one shows that the next is missing.
      return changed(`copy to ${other}:`, other, manifestName(source, manifests.length + 1));
    }
  }
};

const tails = [Buffer.from('\n'), Buffer.from([0]), gzipSync('"another member"\n'), Buffer.from(' ')];

/** Whether somebody notices that it is gone: no leftover and no head is relied upon, nor an end that nobody signed for. */
const isMissed = (name: string, { manifests, plan }: AJournal): boolean => {
  if (manifests.some(({ object }) => object === name)) return true;
  const last = manifests.length;
  if (name !== manifestName(source, last)) return name.startsWith('manifests/');
  return plan.signed.some(({ after }) => after === last);
};

/** Names that no object of a journal has, and those that its next ones will have. */
const strangeNames = (manifests: readonly Manifest[]): readonly string[] => [
  manifestName(source, manifests.length + 1),
  manifestName(source, manifests.length + 2),
  `${manifestName(source, 1)}.bak`,
  `${objectPrefix(source)}000000000001-0123456789abcdef.ndjson.gz`,
  `${objectPrefix(source)}zzz`,
  `${headPrefix(source)}000000000000-0000000000001.json`,
  `${headPrefix(source)}000000000009-1772400000001.json`,
  `${headPrefix(source)}latest`,
];

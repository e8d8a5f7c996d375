import { headPrefix } from '../../core/head.ts';
import { type Manifest, manifestName, noHash } from '../../core/segment.ts';
import type { KeySet } from '../../core/signing-key.ts';
import type { Break } from '../../core/verify/break.ts';
import { type CheckedHead, checkHead } from '../../core/verify/head-check.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { namesBeside, namesUnder } from './names.ts';

/** What was signed about the journal, held against it segment by segment. */
export interface SignedHeads {
  /** Heads of journals up to this segment; `undefined` for the time before the first. */
  upTo(manifest: Manifest | undefined): Promise<Break | undefined>;
  /** Heads of journals longer than this one. */
  after(last: number): Promise<Break | undefined>;
  /** Nothing up to here can have been changed by anyone without the key. */
  readonly attested: number;
  readonly newestAt: string | undefined;
  readonly good: number;
  readonly unchecked: number;
  readonly kids: ReadonlySet<string>;
}

interface Deps {
  readonly store: BlobStore;
  readonly source: string;
  readonly keys: KeySet | undefined;
  /** Heads that somebody kept elsewhere. */
  readonly witnesses: readonly CheckedHead[];
}

export const signedHeads = ({ store, source, keys, witnesses }: Deps): SignedHeads => {
  const prefix = headPrefix(source);
  const names = namesBeside(namesUnder(store, prefix));
  const waiting = [...witnesses].sort((a, b) => a.signed.head.journal.seq - b.signed.head.journal.seq);
  const kids = new Set<string>();
  const tally = { attested: 0, good: 0, unchecked: 0, newestAt: undefined as string | undefined };

  const read = async (name: string): Promise<CheckedHead | { readonly break: Break }> => {
    const from = tally.attested + 1;
    const bytes = await store.get(name);
    const gone: Break = { kind: 'missing', place: name, from, expected: 'a signed head', found: 'nothing' };
    return bytes ? checkHead(bytes, { name, source, from, keys }) : { break: gone };
  };

  async function* headsUpTo(end: string, seq: number) {
    while (waiting[0] && waiting[0].signed.head.journal.seq <= seq) yield waiting.shift() as CheckedHead;
    for await (const name of names.take((each) => each < end)) yield await read(name);
  }

  const count = ({ signature, signed }: CheckedHead): void => {
    tally[signature] += 1;
    kids.add(signed.kid);
    if (signature === 'good') {
      tally.attested = signed.head.journal.seq;
      tally.newestAt = signed.head.at;
    }
  };

  return {
    upTo: async (manifest) => {
      const { seq, hash } = manifest ?? { seq: 0, hash: noHash };
      const end = prefix + String(seq + 1).padStart(12, '0');
      let first: CheckedHead | undefined;
      for await (const head of headsUpTo(end, seq)) {
        if ('break' in head) return head.break;
        const said = head.signed.head.journal.hash;
        if (first && first.signed.head.journal.hash !== said) return contradiction(first, head, tally.attested + 1);
        if (said !== hash) return otherThanSigned(head, manifestName(source, seq), tally.attested + 1, hash);
        first = head;
        count(head);
      }
      return undefined;
    },
    after: async (last) => {
      for await (const head of headsUpTo('~', Number.POSITIVE_INFINITY)) {
        if ('break' in head) return head.break;
        const { seq } = head.signed.head.journal;
        // Appended and signed since the manifests were listed.
        if (await store.get(manifestName(source, seq))) continue;
        return {
          kind: 'cut off',
          place: manifestName(source, last + 1),
          from: tally.attested + 1,
          expected: `segments up to ${seq}, as signed in ${head.name}`,
          found: last === 0 ? 'no segment' : `segment ${last} as the last`,
        };
      }
      return undefined;
    },
    get attested() {
      return tally.attested;
    },
    get newestAt() {
      return tally.newestAt;
    },
    get good() {
      return tally.good;
    },
    get unchecked() {
      return tally.unchecked;
    },
    kids,
  };
};

const contradiction = (one: CheckedHead, other: CheckedHead, from: number): Break => ({
  kind: 'not as signed',
  place: other.name,
  from,
  expected: `hash ${one.signed.head.journal.hash}, as signed in ${one.name}`,
  found: `hash ${other.signed.head.journal.hash}: two heads of one journal contradict each other`,
});

const otherThanSigned = (head: CheckedHead, place: string, from: number, hash: string): Break => ({
  kind: 'not as signed',
  place,
  from,
  expected: `hash ${head.signed.head.journal.hash}, as signed in ${head.name}`,
  found: `hash ${hash}: what was signed has been replaced, by nobody who has the key`,
});

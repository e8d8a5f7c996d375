import { type Digest, digestPrefix } from '../../core/digest.ts';
import type { KeySet } from '../../core/signing-key.ts';
import type { Break } from '../../core/verify/break.ts';
import { beginsChain, type CheckedDigest, checkDigest, followsOn } from '../../core/verify/digest-check.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { inOrder } from './in-order.ts';
import { namesUnder } from './names.ts';

/** A digest in the place where it belongs; the first of a chain, or following on the one before it. */
export interface PlacedDigest extends CheckedDigest {
  readonly name: string;
  /** Counts the chains of digests met so far: a subscription begins another when it delivered elsewhere in between. */
  readonly chain: number;
  readonly before: Digest | undefined;
}

type Step = PlacedDigest | { readonly break: Break };

const digestsAtOnce = 8;

/** Clocks that were set back put a later digest before an earlier one in the order of names, by this many at most. */
const window = 8;

/** The digests, one subscription after the other, each chain from its first; after a break none follows. */
export async function* walkDigests(store: BlobStore, keys: KeySet | undefined): AsyncGenerator<Step, void, void> {
  const read = async (name: string) => ({ name, bytes: (await store.get(name)) ?? new Uint8Array() });
  let folder: string | undefined;
  let before: Digest | undefined;
  let chain = 0;
  const waiting: (CheckedDigest & { readonly name: string })[] = [];

  /** The one of those waiting that is next, as far as it can be known. */
  const next = (): Step | undefined => {
    const following = waiting.findIndex(({ digest }) => followsOn(digest, before));
    const beginning = following >= 0 ? following : waiting.findIndex(({ digest }) => beginsChain(digest));
    const [found] = beginning >= 0 ? waiting.splice(beginning, 1) : [];
    if (!found) return waiting[0] && { break: outOfPlace(waiting[0], before) };
    if (following < 0 || !before) chain += 1;
    const placed = { ...found, chain, before: following < 0 ? undefined : before };
    before = found.digest;
    return placed;
  };
  function* drained(most: number): Generator<Step> {
    while (waiting.length > most) {
      const step = next();
      if (!step) return;
      yield step;
      if ('break' in step) return;
    }
  }

  for await (const { name, bytes } of inOrder(namesUnder(store, digestPrefix), digestsAtOnce, read)) {
    const its = name.split('/').slice(0, 3).join('/');
    if (its !== folder) {
      for (const step of drained(0)) {
        yield step;
        if ('break' in step) return;
      }
      before = undefined;
      folder = its;
    }
    const digest = checkDigest(bytes, { name, from: (before?.objects.at(-1)?.sequence ?? 0) + 1, keys });
    if ('break' in digest) {
      yield* drained(0);
      yield digest;
      return;
    }
    waiting.push({ ...digest, name });
    for (const step of drained(window - 1)) {
      yield step;
      if ('break' in step) return;
    }
  }
  yield* drained(0);
}

const outOfPlace = ({ digest, name }: CheckedDigest & { readonly name: string }, before: Digest | undefined): Break => {
  const expected = (before?.sequence ?? 0) + 1;
  return {
    kind: digest.sequence > expected ? 'missing' : 'reordered',
    place: name,
    from: (before?.objects.at(-1)?.sequence ?? 0) + 1,
    expected: `digest ${expected} of subscription "${digest.subscription}"`,
    found: digest.sequence === expected ? 'one that does not follow on the digest before' : `digest ${digest.sequence}`,
  };
};

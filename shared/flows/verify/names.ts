import type { BlobStore } from '../../ports/blob-store.ts';

const pageSize = 1000;

/** Every name under a prefix, in byte order, a page in memory at a time. */
export async function* namesUnder(store: BlobStore, prefix: string): AsyncGenerator<string, void, void> {
  for (let after: string | undefined; ; ) {
    const page = await store.list(prefix, { ...(after !== undefined && { after }), limit: pageSize });
    yield* page;
    after = page.at(-1);
    if (page.length < pageSize || after === undefined) return;
  }
}

/** A walk through names that another walk leads: it hands out those up to a name, then waits. */
export interface NamesBeside {
  /** The names not handed out yet, in order, up to the first that is not `wanted`. */
  take(wanted: (name: string) => boolean): AsyncGenerator<string, void, void>;
}

export const namesBeside = (names: AsyncIterator<string>): NamesBeside => {
  let next: Promise<IteratorResult<string>> | undefined;
  return {
    take: async function* (wanted) {
      for (;;) {
        next ??= names.next();
        const { value, done } = await next;
        if (done || !wanted(value)) return;
        next = undefined;
        yield value;
      }
    },
  };
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../../shared/core/errors.ts';
import { type Head, headName } from '../../../shared/core/head.ts';
import { beginningOfTime } from '../../../shared/core/instant.ts';
import { noHash } from '../../../shared/core/segment.ts';
import { newestHead, newestHeadName } from '../../../shared/flows/heads/newest-head.ts';
import type { BlobStore } from '../../../shared/ports/blob-store.ts';
import { memoryBlobStore } from '../../fakes/memory-blob-store.ts';

const hourMs = 3_600_000;

const aHead = (seq: number, atMs: number): Head => ({
  version: 1,
  source: 'closer',
  at: new Date(atMs).toISOString(),
  journal: { seq, hash: noHash, watermark: beginningOfTime },
  subscriptions: [],
});

const put = (store: BlobStore, head: Head, name = headName(head)) =>
  store.putIfAbsent(name, Buffer.from(JSON.stringify({ head, kid: 'kid', signature: 'signature' })));

/** A store of nothing but head names, which counts how often it is asked. */
const shelf = (names: readonly string[]) => {
  let listings = 0;
  const store: BlobStore = {
    ...memoryBlobStore(),
    list: async (prefix, { after = '', limit }) => {
      listings += 1;
      const first = names.findIndex((name) => name > after && name.startsWith(prefix));
      return first === -1 ? [] : names.slice(first, first + limit);
    },
  };
  return { store, listings: () => listings };
};

describe('the newest head', () => {
  it('is none before the first', async () => {
    expect(await newestHead(memoryBlobStore(), 'closer')).toBeUndefined();
  });

  it('is that of the longest journal, then the youngest, of this source', async () => {
    const store = memoryBlobStore();
    await put(store, aHead(9, 5 * hourMs));
    await put(store, aHead(10, 3 * hourMs));
    await put(store, aHead(10, 4 * hourMs));
    await put(store, { ...aHead(11, 9 * hourMs), source: 'other' });
    expect((await newestHead(store, 'closer'))?.head).toEqual(aHead(10, 4 * hourMs));
  });

  it('is found among any number of heads, whatever the numbers they leave out', async () => {
    const steps = fc.array(fc.tuple(fc.nat(3), fc.constantFrom(0, 1, 1, 60, 5_000)), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 150 }), async (groups, each) => {
        let seq = 0;
        const names = groups.flatMap(([more, step]) =>
          Array.from({ length: each + more }, (_, n) => {
            seq += step;
            return headName(aHead(seq, n));
          }),
        );
        const sorted = [...new Set(names)].sort();
        expect(await newestHeadName(shelf(sorted).store, 'closer')).toBe(sorted.at(-1));
      }),
      { numRuns: 60 },
    );
  });

  it('takes at most 30 listings among 20 000 hourly heads of a segment a minute', async () => {
    const names = Array.from({ length: 20_000 }, (_, hour) => headName(aHead(hour * 60, hour * hourMs)));
    const { store, listings } = shelf(names);
    expect(await newestHeadName(store, 'closer')).toBe(names.at(-1));
    expect(listings()).toBeLessThanOrEqual(30);
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['JSON that is no head', Buffer.from('{"head":null}')],
    ['a head of another name', Buffer.from(JSON.stringify({ head: aHead(8, 0), kid: 'k', signature: 's' }))],
  ])('is refused when it is %s', async (_, bytes) => {
    const store = memoryBlobStore();
    await store.putIfAbsent(headName(aHead(9, 0)), bytes);
    const reading = newestHead(store, 'closer');
    await expect(reading).rejects.toThrow(OperatorMustFix);
    await expect(reading).rejects.toThrow(headName(aHead(9, 0)));
  });
});

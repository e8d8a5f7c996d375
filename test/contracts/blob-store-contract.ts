import { beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../../shared/ports/blob-store.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();

/**
 * What every BlobStore keeps, whatever it is made of.
 * @param open an empty store; each call of its answer opens the same data once more, as another process would
 */
export const describeBlobStore = (name: string, open: () => Promise<() => BlobStore>): void => {
  describe(`a BlobStore: ${name}`, () => {
    let store: BlobStore;
    let again: () => BlobStore;
    beforeEach(async () => {
      again = await open();
      store = again();
    });

    it('reads back what was put, byte for byte, also through another opening', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256);
      expect(await store.putIfAbsent('journal/a.gz', bytes, { contentType: 'application/x-ndjson' })).toBe('created');
      expect(Buffer.compare((await store.get('journal/a.gz')) ?? new Uint8Array(), bytes)).toBe(0);
      expect(Buffer.compare((await again().get('journal/a.gz')) ?? new Uint8Array(), bytes)).toBe(0);
    });

    it('keeps an empty blob apart from none', async () => {
      await store.putIfAbsent('empty', new Uint8Array());
      expect((await store.get('empty'))?.length).toBe(0);
      expect(await store.get('none')).toBeUndefined();
      expect(await store.get('none/below')).toBeUndefined();
    });

    it('never overwrites: the second writer of a name is told that it exists', async () => {
      await store.putIfAbsent('a', bytesOf('first'));
      expect(await again().putIfAbsent('a', bytesOf('second'))).toBe('exists');
      expect(textOf(await store.get('a'))).toBe('first');
    });

    it('tells exactly one of 50 concurrent writers of a name that it created it', async () => {
      const openings = [store, again(), again()];
      const writers = Array.from({ length: 50 }, (_, writer) => openings[writer % openings.length] ?? store);
      const answers = await Promise.all(
        writers.map((writer, i) => writer.putIfAbsent('seq/7', bytesOf(`writer ${i}`))),
      );
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(textOf(await store.get('seq/7'))).toBe(`writer ${answers.indexOf('created')}`);
    });

    it('reads a range: what lies in it, less at the end, nothing behind it', async () => {
      await store.putIfAbsent('digits', bytesOf('0123456789'));
      expect(textOf(await store.get('digits', { offset: 3, length: 4 }))).toBe('3456');
      expect(textOf(await store.get('digits', { offset: 8, length: 9 }))).toBe('89');
      expect(textOf(await store.get('digits', { offset: 10, length: 1 }))).toBe('');
      expect(await store.get('none', { offset: 0, length: 1 })).toBeUndefined();
    });

    const names = ['a-b', 'a.c', 'a/b', 'a/b-c', 'a0', 'b/c/d=1/e:2', 'b/c/d=1/f', 'b/c2', 'b=', 'bA', 'b_', 'ba'];

    it('lists in byte order of the whole name, folder or not', async () => {
      for (const one of [...names].reverse()) await store.putIfAbsent(one, bytesOf(one));
      expect(await store.list('', { limit: 1000 })).toEqual(names);
    });

    it('lists by a prefix, which may end within a segment', async () => {
      for (const one of names) await store.putIfAbsent(one, bytesOf(one));
      expect(await store.list('a', { limit: 1000 })).toEqual(names.filter((one) => one.startsWith('a')));
      expect(await store.list('a/', { limit: 1000 })).toEqual(['a/b', 'a/b-c']);
      expect(await store.list('b/c', { limit: 1000 })).toEqual(['b/c/d=1/e:2', 'b/c/d=1/f', 'b/c2']);
      expect(await store.list('b/c/d=1/e:2/', { limit: 1000 })).toEqual([]);
      expect(await store.list('nothing', { limit: 1000 })).toEqual([]);
    });

    it('lists in pages that neither skip nor repeat a name', async () => {
      for (const one of names) await store.putIfAbsent(one, bytesOf(one));
      for (const limit of [1, 5]) {
        const walked: string[] = [];
        for (;;) {
          const page = await store.list('', { limit, ...(walked.length > 0 ? { after: walked.at(-1) ?? '' } : {}) });
          expect(page.length).toBeLessThanOrEqual(limit);
          if (page.length === 0) break;
          walked.push(...page);
        }
        expect(walked).toEqual(names);
      }
    });

    it('begins after a name that is not there', async () => {
      for (const one of names) await store.putIfAbsent(one, bytesOf(one));
      expect(await store.list('b', { after: 'b/c/d=1/e', limit: 2 })).toEqual(['b/c/d=1/e:2', 'b/c/d=1/f']);
      expect(await store.list('b', { after: 'a', limit: 1 })).toEqual(['b/c/d=1/e:2']);
      expect(await store.list('a', { after: 'zz', limit: 1 })).toEqual([]);
    });

    it.each(['', '/a', 'a/', 'a//b', '.', '../a', 'a/./b', 'a b', 'ä', 'a\\b', 'a\0', `${'n'.repeat(200)}/`.repeat(3)])(
      'refuses the name %j before it touches anything',
      async (bad) => {
        await expect(store.putIfAbsent(bad, bytesOf('x'))).rejects.toThrow(TypeError);
        await expect(store.get(bad)).rejects.toThrow(TypeError);
        expect(await store.list('', { limit: 10 })).toEqual([]);
      },
    );
  });
};

import { beforeEach, describe, expect, it } from 'vitest';
import type { RecordStore } from '../../shared/ports/record-store.ts';

/**
 * What every RecordStore keeps, whatever it is made of.
 * @param open an empty store; each call of its answer opens the same data once more, as another process would
 */
export const describeRecordStore = (name: string, open: () => Promise<() => RecordStore>): void => {
  describe(`a RecordStore: ${name}`, () => {
    let store: RecordStore;
    let again: () => RecordStore;
    beforeEach(async () => {
      again = await open();
      store = again();
    });

    const put = (id: string, value: unknown, dueAtMs?: number) =>
      store.compareAndSet({ partition: 'p', id, value, ...(dueAtMs === undefined ? {} : { dueAtMs }) }, 0);

    it('has nothing where nothing was written', async () => {
      expect(await store.get('p', 'a')).toBeUndefined();
      expect(await store.range('p', { limit: 10 })).toEqual([]);
      expect(await store.due('p', Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    });

    it('counts versions from 1, one per write, and every opening sees the last one', async () => {
      expect(await put('a', { n: 1 })).toBe('stored');
      expect(await store.get('p', 'a')).toEqual({ partition: 'p', id: 'a', value: { n: 1 }, version: 1 });
      expect(await store.compareAndSet({ partition: 'p', id: 'a', value: { n: 2 }, dueAtMs: 5 }, 1)).toBe('stored');
      expect(await again().get('p', 'a')).toEqual({ partition: 'p', id: 'a', value: { n: 2 }, dueAtMs: 5, version: 2 });
    });

    it('writes nothing unless the expected version is the stored one', async () => {
      await put('a', 'first');
      const record = { partition: 'p', id: 'a', value: 'late' };
      expect(await store.compareAndSet(record, 0)).toBe('conflict');
      expect(await store.compareAndSet(record, 2)).toBe('conflict');
      expect(await store.compareAndSet({ ...record, id: 'missing' }, 1)).toBe('conflict');
      expect(await store.get('p', 'a')).toMatchObject({ value: 'first', version: 1 });
      expect(await store.get('p', 'missing')).toBeUndefined();
    });

    it('tells exactly one of 50 concurrent writers of a version that it stored', async () => {
      const openings = [store, again(), again()];
      for (const expected of [0, 1, 2]) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, writer) =>
            (openings[writer % 3] ?? store).compareAndSet({ partition: 'p', id: 'a', value: writer }, expected),
          ),
        );
        expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
        expect(await store.get('p', 'a')).toMatchObject({ value: answers.indexOf('stored'), version: expected + 1 });
      }
    });

    it.each([
      [{ nested: [{ list: [1, null, true, ''] }, [], {}] }],
      ['ä \u{1F600} \u2028 "quoted" \\'],
      [Number.MAX_SAFE_INTEGER],
      [0.1],
      [-0.000001],
      [null],
      [{ empty: '', __proto__x: 1, '@timestamp': '2026-01-01T00:00:00.123456789Z' }],
    ])('gives back the JSON value it was given: %j', async (value) => {
      await put('a', value);
      expect((await store.get('p', 'a'))?.value).toEqual(value);
    });

    it('removes a record only at its version, and begins at 1 again after that', async () => {
      await put('a', 1);
      expect(await store.remove('p', 'a', 0)).toBe('conflict');
      expect(await store.remove('p', 'a', 2)).toBe('conflict');
      expect(await store.remove('p', 'missing', 1)).toBe('conflict');
      expect(await store.remove('p', 'a', 1)).toBe('removed');
      expect(await store.get('p', 'a')).toBeUndefined();
      expect(await put('a', 2)).toBe('stored');
      expect((await store.get('p', 'a'))?.version).toBe(1);
    });

    // In JavaScript's own order the last two change places.
    const ids = ['A', 'B/1', 'B/2', 'a', 'ä', '\uffee', '\u{10400}'];

    it('ranges over one partition by the bytes of the ids, from inclusive, to exclusive', async () => {
      for (const id of [...ids].reverse()) await put(id, id);
      await store.compareAndSet({ partition: 'q', id: 'B/1', value: 'of another partition' }, 0);
      const range = async (options: { from?: string; to?: string; limit: number }) =>
        (await store.range('p', options)).map((record) => record.value);
      expect(await range({ limit: 1000 })).toEqual(ids);
      expect(await range({ limit: 3 })).toEqual(ids.slice(0, 3));
      expect(await range({ from: 'B/1', to: 'a', limit: 10 })).toEqual(['B/1', 'B/2']);
      expect(await range({ from: 'B/1', to: 'a', limit: 2 })).toEqual(['B/1', 'B/2']);
      expect(await range({ from: 'B/10', limit: 2 })).toEqual(['B/2', 'a']);
      expect(await range({ to: 'B/2', limit: 10 })).toEqual(['A', 'B/1']);
      expect(await range({ from: 'b', to: 'a', limit: 10 })).toEqual([]);
      expect(await range({ from: 'a', to: 'a', limit: 10 })).toEqual([]);
    });

    it('ranges over more records than fit into one answer of a database', async () => {
      const large = Array.from({ length: 15 }, (_, i) => `id-${10 + i}`);
      for (const id of large) await put(id, 'x'.repeat(90_000));
      expect((await store.range('p', { limit: 1000 })).map((record) => record.id)).toEqual(large);
      expect((await store.range('p', { limit: 13 })).map((record) => record.id)).toEqual(large.slice(0, 13));
    });

    it('names what is due, earliest first, at most as many as asked for', async () => {
      await put('later', 1, 3000);
      await put('soon', 1, 1000);
      await put('never', 1);
      await put('next', 1, 2000);
      await store.compareAndSet({ partition: 'q', id: 'other', value: 1, dueAtMs: 1 }, 0);
      expect(await store.due('p', 999, 10)).toEqual([]);
      expect(await store.due('p', 2000, 10)).toEqual(['soon', 'next']);
      expect(await store.due('p', 9000, 2)).toEqual(['soon', 'next']);
      expect(await store.due('p', 9000, 10)).toEqual(['soon', 'next', 'later']);
    });

    it('forgets that a record is due when it is written without a time, or removed', async () => {
      await put('a', 1, 10);
      await put('b', 1, 20);
      await store.compareAndSet({ partition: 'p', id: 'a', value: 2 }, 1);
      await store.remove('p', 'b', 1);
      expect(await store.due('p', 9000, 10)).toEqual([]);
      expect(await store.get('p', 'a')).toEqual({ partition: 'p', id: 'a', value: 2, version: 2 });
    });

    const expiring = (id: string, value: unknown, expiresAtMs: number, expected = 0) =>
      store.compareAndSet({ partition: 'p', id, value, expiresAtMs }, expected);
    const past = Date.now() - 2000;
    const inAnHour = Date.now() + 3_600_000;

    it('gives a record that expires out until then, to the second, rounded up', async () => {
      expect(await expiring('a', 1, inAnHour)).toBe('stored');
      const lasting = { partition: 'p', id: 'a', value: 1, version: 1, expiresAtMs: Math.ceil(inAnHour / 1000) * 1000 };
      expect(await again().get('p', 'a')).toEqual(lasting);
      expect(await store.range('p', { limit: 10 })).toEqual([lasting]);
      expect(await expiring('a', 2, inAnHour, 1)).toBe('stored');
      expect(await store.remove('p', 'a', 2)).toBe('removed');
    });

    it('takes one that has expired for absent, in every method', async () => {
      for (const id of ['a', 'b', 'c', 'd']) await put(id, id);
      await expiring('b', 'gone', past, 1);
      await expiring('x', 'gone', past);
      expect(await store.get('p', 'x')).toBeUndefined();
      expect(await store.get('p', 'b')).toBeUndefined();
      const idsOf = async (options: { from?: string; to?: string; limit: number }) =>
        (await store.range('p', options)).map(({ id }) => id);
      expect(await idsOf({ limit: 3 })).toEqual(['a', 'c', 'd']);
      expect(await idsOf({ from: 'b', to: 'd', limit: 3 })).toEqual(['c']);
      expect(await store.compareAndSet({ partition: 'p', id: 'x', value: 2 }, 1)).toBe('conflict');
      expect(await store.remove('p', 'x', 1)).toBe('conflict');
      expect(await store.compareAndSet({ partition: 'p', id: 'x', value: 'new' }, 0)).toBe('stored');
      expect(await store.get('p', 'x')).toEqual({ partition: 'p', id: 'x', value: 'new', version: 1 });
    });

    it('keeps a record that is written again without an end', async () => {
      await expiring('a', 1, inAnHour);
      await store.compareAndSet({ partition: 'p', id: 'a', value: 2 }, 1);
      expect(await store.get('p', 'a')).toEqual({ partition: 'p', id: 'a', value: 2, version: 2 });
    });

    it('refuses keys, values and limits that break the rules before it touches anything', async () => {
      await expect(put('', 1)).rejects.toThrow(TypeError);
      await expect(put('x'.repeat(513), 1)).rejects.toThrow(TypeError);
      await expect(put('\ud800', 1)).rejects.toThrow(TypeError);
      await expect(put('a', 'x'.repeat(100_001))).rejects.toThrow(/100003 bytes/);
      await expect(put('a', undefined)).rejects.toThrow(TypeError);
      await expect(put('a', 1, 0.5)).rejects.toThrow(TypeError);
      await expect(expiring('a', 1, 0.5)).rejects.toThrow(TypeError);
      const both = { partition: 'p', id: 'a', value: 1, dueAtMs: 1, expiresAtMs: inAnHour };
      await expect(store.compareAndSet(both, 0)).rejects.toThrow(/cannot be due/);
      await expect(store.range('p', { limit: 1001 })).rejects.toThrow(TypeError);
      await expect(store.due('p', 1, 0)).rejects.toThrow(TypeError);
      expect(await store.range('p', { limit: 10 })).toEqual([]);
    });
  });
};

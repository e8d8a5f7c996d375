import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Instant } from '../../shared/core/instant.ts';
import { type Manifest, manifestName, objectName, sha256Hex } from '../../shared/core/segment.ts';
import { aJournal, nowMs, source, written } from '../mutations/a-journal.ts';
import type { Files } from '../mutations/files.ts';
import { sixSegments, textOf } from '../mutations/six-segments.ts';
import { verified } from '../mutations/verified.ts';

let journal: Awaited<ReturnType<typeof sixSegments>>;
beforeAll(async () => {
  journal = await sixSegments();
});

const breakIn = async (changed: Files) => (await verified(changed)).break;

describe('what is wrong is named, with its place', () => {
  it.each([
    [
      'a flipped byte in an object',
      () => journal.withFile(journal.manifestOf(3).object, flipped(journal.objectOf(3))),
      'altered',
    ],
    [
      'an object that was cut',
      () => journal.withFile(journal.manifestOf(3).object, journal.objectOf(3).subarray(0, -1)),
      'altered',
    ],
    ['an object that is gone', () => journal.without(journal.manifestOf(3).object), 'missing'],
    [
      'two objects swapped',
      () =>
        journal
          .withFile(journal.manifestOf(3).object, journal.objectOf(4))
          .set(journal.manifestOf(4).object, journal.objectOf(3)),
      'altered',
    ],
  ] as const)('%s', async (_, change, kind) => {
    expect(await breakIn(change())).toMatchObject({ kind, from: 3, place: journal.manifestOf(3).object });
  });

  it.each([
    ['a manifest that is gone', () => journal.without(manifestName(source, 3)), 'missing'],
    [
      'a manifest under the name of another',
      () => journal.withFile(manifestName(source, 3), textOf(journal.manifestOf(4))),
      'reordered',
    ],
    [
      'a manifest of another source',
      () => journal.withFile(manifestName(source, 3), textOf(journal.sealed(3, { source: 'other' }))),
      'inserted',
    ],
    [
      'a manifest with its hash fixed up',
      () => journal.withFile(manifestName(source, 3), textOf(journal.sealed(3, { count: 1 }))),
      'altered',
    ],
    [
      'a manifest in another spelling',
      () => journal.withFile(manifestName(source, 3), Buffer.from(JSON.stringify(journal.manifestOf(3), null, 1))),
      'altered',
    ],
    ['a manifest that is no JSON', () => journal.withFile(manifestName(source, 3), Buffer.from('{')), 'altered'],
    [
      'a manifest of strange values',
      () => journal.withFile(manifestName(source, 3), Buffer.from('{"seq":{},"tenants":7}')),
      'altered',
    ],
    [
      'a record that begins earlier than it did',
      () =>
        journal.withFile(
          manifestName(source, 3),
          textOf(journal.sealed(3, { begin: '1969-12-31T23:59:59.000000000Z' as Instant })),
        ),
      'altered',
    ],
  ] as const)('%s', async (_, change, kind) => {
    expect(await breakIn(change())).toMatchObject({ kind, from: 3, place: manifestName(source, 3) });
  });

  it('an event that was journaled again, sealed as it should be and never signed', async () => {
    const { segments } = (await aJournal(1)).plan;
    const [first] = segments;
    if (!first) throw new Error('a journal has a segment');
    const again = [first, { ...first, events: first.events.slice(0, 1) }];
    const { files } = await written({ segments: again, signed: [], leftBehind: [] });
    expect(await breakIn(files)).toMatchObject({ kind: 'repeated', place: manifestName(source, 2), from: 2 });
  });

  it('a manifest sealed anew, by the one that follows: from the first of the two on', async () => {
    const forged = journal.sealed(3, { committedAt: '2026-02-28T00:00:00.000Z' });
    expect(await breakIn(journal.withFile(manifestName(source, 3), textOf(forged)))).toMatchObject({
      kind: 'altered',
      place: manifestName(source, 4),
      from: 3,
    });
  });

  it('a manifest after the end, with a hole before it', async () => {
    const count = journal.last;
    expect(
      await breakIn(journal.withFile(manifestName(source, count + 2), textOf(journal.manifestOf(3)))),
    ).toMatchObject({
      kind: 'missing',
      place: manifestName(source, count + 1),
    });
  });

  it('a cut end whose objects are still there, although nothing was signed', async () => {
    const cut = journal.without(manifestName(source, journal.last));
    cut.delete(manifestName(source, journal.last - 1));
    expect(await breakIn(cut)).toMatchObject({ kind: 'cut off', from: journal.last - 1 });
  });
});

describe('an object that was sealed anew has to be what segments are', () => {
  const keysOf = (manifest: Manifest): Buffer => journal.objectOf(3).subarray(0, manifest.keys.length);

  it.each([
    ['a byte after the last member', () => journal.resealed(Buffer.concat([journal.objectOf(3), Buffer.from([0])]))],
    [
      'a byte after the last member, counted in',
      () => journal.resealed(Buffer.concat([journal.objectOf(3), Buffer.from([0])]), longerLast(1)),
    ],
    [
      'a second member in a part',
      () => {
        const extra = gzipSync('');
        return journal.resealed(Buffer.concat([journal.objectOf(3), extra]), longerLast(extra.length));
      },
    ],
    [
      'other keys',
      () => {
        const keys = gzipSync(`"${'A'.repeat(22)}"\n`.repeat(journal.manifestOf(3).count));
        return journal.resealed(
          Buffer.concat([keys, journal.objectOf(3).subarray(keysOf(journal.manifestOf(3)).length)]),
          movedBy(keys.length),
        );
      },
    ],
    [
      'a key less',
      () => {
        const keys = gzipSync(`"${'A'.repeat(22)}"\n`.repeat(journal.manifestOf(3).count - 1));
        return journal.resealed(
          Buffer.concat([keys, journal.objectOf(3).subarray(keysOf(journal.manifestOf(3)).length)]),
          movedBy(keys.length),
        );
      },
    ],
    [
      'other minutes',
      () =>
        journal.resealed(journal.objectOf(3), () => ({ minutes: { '2026-03-01T00:00': journal.manifestOf(3).count } })),
    ],
    [
      'another first time',
      () => journal.resealed(journal.objectOf(3), () => ({ minTime: journal.manifestOf(1).minTime })),
    ],
  ])('%s', async (_, forge) => {
    const found = await breakIn(forge());
    expect(found).toMatchObject({ kind: 'altered', from: 3 });
    expect(found?.place).toMatch(/^segments\/closer\/000000000003-/);
  });

  const longerLast =
    (by: number) =>
    (manifest: Manifest): Partial<Manifest> => {
      const [tenant = '', part] = Object.entries(manifest.tenants).sort(([, a], [, b]) => b.offset - a.offset)[0] ?? [];
      return part ? { tenants: { ...manifest.tenants, [tenant]: { ...part, length: part.length + by } } } : {};
    };
  const movedBy =
    (length: number) =>
    (manifest: Manifest): Partial<Manifest> => ({
      keys: { ...manifest.keys, length },
      tenants: Object.fromEntries(
        Object.entries(manifest.tenants).map(([tenant, part]) => [
          tenant,
          { ...part, offset: part.offset - manifest.keys.length + length },
        ]),
      ),
    });
});

describe('what is no break', () => {
  it('a watermark that goes back: a run that died after its append is followed by one that begins where it had begun', async () => {
    const forged = journal.resealed(journal.objectOf(3), () => ({ watermark: journal.manifestOf(1).watermark }));
    expect(await breakIn(forged)).toBeUndefined();
  });

  it('objects that a lifecycle rule took: counted, when they are old enough', async () => {
    const gone = journal.without(journal.manifestOf(1).object);
    const month = 31 * 86_400_000;
    expect(await verified(gone, { nowMs: nowMs + month })).toMatchObject({ expired: 1 });
    expect((await verified(gone, { nowMs: nowMs + month })).break).toBeUndefined();
    expect((await verified(gone)).break).toMatchObject({ kind: 'missing', place: journal.manifestOf(1).object });
  });

  it('objects that nobody names: counted, when they are what their name says', async () => {
    const bytes = gzipSync('"left"\n');
    const name = objectName(source, 3, sha256Hex(bytes));
    expect(await verified(journal.withFile(name, bytes))).toMatchObject({ leftovers: 1 });
    expect((await verified(journal.withFile(name, bytes))).break).toBeUndefined();
    expect(await breakIn(journal.withFile(name, gzipSync('"put there"\n')))).toMatchObject({
      kind: 'inserted',
      place: name,
    });
  });
});

/** In the time stamp of a gzip header, which nobody who unpacks it looks at. */
const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy[5] = (copy[5] ?? 0) ^ 1;
  return copy;
};

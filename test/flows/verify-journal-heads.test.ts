import { beforeAll, describe, expect, it } from 'vitest';
import { manifestName } from '../../shared/core/segment.ts';
import { signingKey } from '../../shared/core/signing-key.ts';
import type { CheckedHead } from '../../shared/core/verify/head-check.ts';
import { nowMs, ourKeys, signedHead, source } from '../mutations/a-journal.ts';
import type { Files } from '../mutations/files.ts';
import { sixSegments } from '../mutations/six-segments.ts';
import { verified } from '../mutations/verified.ts';

let journal: Awaited<ReturnType<typeof sixSegments>>;
beforeAll(async () => {
  journal = await sixSegments();
});

const breakIn = async (changed: Files) => (await verified(changed)).break;

describe('signed heads', () => {
  const signed = (seq: number, atMs = nowMs, key = undefined as ReturnType<typeof signingKey> | undefined): Files => {
    const { name, bytes } = key
      ? signedHead(journal.manifestOf(seq), atMs, key)
      : signedHead(journal.manifestOf(seq), atMs);
    return journal.withFile(name, bytes);
  };

  it('cover what was there when they were signed, and the rest is said', async () => {
    const { heads, break: found } = await verified(signed(4));
    expect(found).toBeUndefined();
    expect(heads).toEqual({
      good: 1,
      unchecked: 0,
      kids: [ourKeys.keys[0]?.kid],
      attested: 4,
      newestAt: new Date(nowMs).toISOString(),
    });
  });

  it('without a key count as unchecked, and prove nothing', async () => {
    const { heads, break: found } = await verified(signed(4), { keys: 'none' });
    expect(found).toBeUndefined();
    expect(heads).toMatchObject({ good: 0, unchecked: 1, attested: 0 });
  });

  it('of a key that is not among the given ones are a break', async () => {
    const another = signingKey(new Uint8Array(32).fill(9));
    const { break: found } = await verified(signed(4, nowMs, another));
    expect(found).toMatchObject({ kind: 'not as signed', found: `one of ${another.publicKey.kid}` });
  });

  it('that are dated anew are a break', async () => {
    const { name, bytes } = signedHead(journal.manifestOf(4), nowMs);
    const later = new Date(nowMs + 3_600_000).toISOString();
    const text = Buffer.from(bytes).toString().replace(new Date(nowMs).toISOString(), later);
    const renamed = name.replace(String(nowMs), String(nowMs + 3_600_000));
    expect(await breakIn(journal.withFile(renamed, Buffer.from(text)))).toMatchObject({
      kind: 'not as signed',
      place: renamed,
    });
  });

  it('under another name are a break', async () => {
    const { name, bytes } = signedHead(journal.manifestOf(4), nowMs);
    const renamed = name.replace(String(nowMs), String(nowMs + 1));
    expect(await breakIn(journal.withFile(renamed, bytes))).toMatchObject({ kind: 'inserted', place: renamed });
  });

  it('that contradict each other are a break, whatever the journal says', async () => {
    const other = journal.sealed(4, { committedAt: '2026-03-01T00:00:00.000Z' });
    const [one, two] = [signedHead(journal.manifestOf(4), nowMs), signedHead(other, nowMs + 1)];
    expect(await breakIn(journal.withFile(one.name, one.bytes).set(two.name, two.bytes))).toMatchObject({
      kind: 'not as signed',
      place: two.name,
    });
  });

  it('of a longer journal show that the end was cut, manifests, objects and all', async () => {
    const { last } = journal;
    const cut = signed(last);
    cut.delete(manifestName(source, last));
    cut.delete(journal.manifestOf(last).object);
    expect(await breakIn(cut)).toMatchObject({ kind: 'cut off', place: manifestName(source, last) });
  });

  it('that were kept elsewhere witness the same when all heads are gone', async () => {
    const { last } = journal;
    const { bytes } = signedHead(journal.manifestOf(last), nowMs);
    const witness: CheckedHead = {
      name: 'kept.json',
      signed: JSON.parse(Buffer.from(bytes).toString()),
      signature: 'good',
    };
    const cut = journal.without(manifestName(source, last));
    cut.delete(journal.manifestOf(last).object);
    expect((await verified(cut)).break).toBeUndefined();
    const { break: found } = await verified(cut, { witnesses: [witness] });
    expect(found).toMatchObject({ kind: 'cut off', expected: expect.stringContaining('kept.json') });
  });
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { encodeObject } from '../../shared/core/batch-encoding.ts';
import type { Digest, SignedDigest } from '../../shared/core/digest.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { signedText } from '../../shared/core/head.ts';
import { noHash, sha256Hex } from '../../shared/core/segment.ts';
import { checkSignature, signingKeysOf } from '../../shared/core/signing-key.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import { destinationContract } from '../contracts/destination-contract.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { aBatch } from '../support/a-batch.ts';
import { aSubscription } from '../support/a-subscription.ts';

const subscription = aSubscription({ type: 'folder', path: 'unused' });
const signingKeys = async () => signingKeysOf({ current: 'r'.repeat(32) });
const over = (store: BlobStore) => blobDestination({ store, subscription, signingKeys });
const first = { number: 1 };
const text = (gzip: Uint8Array | undefined): string => gunzipSync(gzip ?? '').toString();

/** A store in memory that fails with `error` once it is broken. */
const breakable = () => {
  const store = memoryBlobStore();
  let failure: Error | undefined;
  const broken: BlobStore = {
    ...store,
    putIfAbsent: (...put) => (failure ? Promise.reject(failure) : store.putIfAbsent(...put)),
  };
  return {
    store,
    broken,
    breakWith: (error: Error) => {
      failure = error;
    },
  };
};

destinationContract('the blob destination', async () => {
  const { store, broken, breakWith } = breakable();
  return {
    destination: over(broken),
    contents: async () => Promise.all(store.names().map(async (name) => text(await store.get(name)))),
    breakDown: async () => breakWith(new RetryLater('SlowDown')),
    [Symbol.asyncDispose]: async () => {},
  };
});

destinationContract('the folder destination', async () => {
  const root = await mkdtemp(join(tmpdir(), 'sluice-folder-destination-'));
  const files = async (): Promise<readonly string[]> =>
    (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.ndjson.gz')).toSorted();
  return {
    destination: over(folderBlobStore({ root: join(root, 'out') })),
    contents: async () => Promise.all((await files()).map(async (name) => text(await readFile(join(root, name))))),
    breakDown: () => writeFile(join(root, 'out'), 'a file where the folder should be'),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
});

describe('an object of a subscription', () => {
  it('is gzipped NDJSON under the name of its batch, and the outcome names its content', async () => {
    const store = memoryBlobStore();
    const batch = aBatch({ events: 3 });
    const outcome = await over(store).send(batch, first);
    const [name = ''] = store.names();
    expect(name).toMatch(/^tenant=acme\/dt=2026-11-20\/hour=10\/.*\.ndjson\.gz$/);
    const content = Buffer.from(encodeObject(batch));
    expect(text(await store.get(name))).toBe(content.toString());
    expect(store.metadataOf(name)).toEqual({ contentType: 'application/x-ndjson', contentEncoding: 'gzip' });
    expect(outcome).toEqual({
      kind: 'delivered',
      answer: `created ${name}`,
      contentSha256: sha256Hex(content),
      stored: { place: 'memory', name, sha256: sha256Hex((await store.get(name)) ?? '') },
    });
  });

  it('is byte for byte the same on every attempt: no clock is in it', async () => {
    const [one, two] = [memoryBlobStore(), memoryBlobStore()];
    for (const store of [one, two]) await over(store).send(aBatch({ events: 3 }), first);
    expect(two.names()).toEqual(one.names());
    const [name = ''] = one.names();
    expect(await two.get(name)).toEqual(await one.get(name));
  });

  it('whose write was answered by nobody is found by the next attempt, and is there once', async () => {
    const store = memoryBlobStore();
    store.failNext('after', 'putIfAbsent');
    expect(await over(store).send(aBatch(), first)).toMatchObject({ kind: 'retry' });
    expect(await over(store).send(aBatch(), { number: 2 })).toMatchObject({ kind: 'delivered' });
    expect(store.names()).toHaveLength(1);
  });

  it('that another deliverer wrote at the same moment counts, also when it compresses otherwise', async () => {
    const store = memoryBlobStore();
    const theirs = gzipSync(encodeObject(aBatch()), { level: 9 });
    store.raceNext(theirs);
    expect(await over(store).send(aBatch(), first)).toMatchObject({
      kind: 'delivered',
      answer: expect.stringContaining('was there already'),
      stored: { sha256: sha256Hex(theirs) },
    });
  });

  it.each([
    ['other events', gzipSync('{}\n')],
    ['more events', gzipSync(encodeObject(aBatch({ events: 100 })))],
    ['a gzip bomb', gzipSync(Buffer.alloc(16 * 1024 * 1024))],
    ['no gzip', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
  ])('is never put over %s: a person must look, and is told where', async (_what, bytes) => {
    const store = memoryBlobStore();
    store.raceNext(bytes);
    const outcome = await over(store).send(aBatch(), first);
    const [name = ''] = store.names();
    expect(outcome).toMatchObject({ kind: 'misconfigured', answer: expect.stringContaining(name) });
    expect(Buffer.from((await store.get(name)) ?? '')).toEqual(bytes);
  });

  it('waits while the store does not answer, and pauses when an operator must act', async () => {
    const { broken, breakWith } = breakable();
    breakWith(new RetryLater('SlowDown'));
    expect(await over(broken).send(aBatch(), first)).toEqual({ kind: 'retry', answer: 'SlowDown' });
    breakWith(new OperatorMustFix('AccessDenied. Allow s3:PutObject.'));
    expect(await over(broken).send(aBatch(), first)).toEqual({
      kind: 'misconfigured',
      answer: 'AccessDenied. Allow s3:PutObject.',
    });
  });

  it('does not hide a mistake of ours', async () => {
    const { broken, breakWith } = breakable();
    breakWith(new TypeError('a bug'));
    await expect(over(broken).send(aBatch(), first)).rejects.toThrow('a bug');
  });
});

describe('a test', () => {
  const test = { kind: 'test', id: 'msg_t1', subscription: 'acme-soc', at: '2026-11-20T10:15:30.000Z' } as const;
  const probe = (store: BlobStore) => over(store).probe?.(test, first);

  it('is one small object apart from the events, however often it is written', async () => {
    const store = memoryBlobStore();
    expect(await probe(store)).toMatchObject({ kind: 'delivered', answer: 'created sluice-test/msg_t1.ndjson.gz' });
    expect(await probe(store)).toMatchObject({
      kind: 'delivered',
      answer: expect.stringContaining('was there already'),
    });
    expect(store.names()).toEqual(['sluice-test/msg_t1.ndjson.gz']);
    const [name = ''] = store.names();
    expect(JSON.parse(text(await store.get(name)))).toMatchObject({ event: { dataset: 'sluice.test' } });
  });

  it('says what is wrong with the store', async () => {
    const { broken, breakWith } = breakable();
    breakWith(new OperatorMustFix('AccessDenied. Allow s3:PutObject.'));
    expect(await probe(broken)).toEqual({ kind: 'misconfigured', answer: 'AccessDenied. Allow s3:PutObject.' });
  });
});

describe('a digest beside the objects', () => {
  const digest: Digest = {
    version: 1,
    subscription: 'acme-soc',
    tenant: 'acme',
    sequence: 7,
    previous: noHash,
    from: '2026-11-20T10:15:30.000Z',
    to: '2026-11-20T11:15:30.000Z',
    chain: noHash,
    objects: [{ sequence: 1, object: 'tenant=acme/one.ndjson.gz', sha256: noHash, events: 2, chain: noHash }],
  };
  const attested = (store: BlobStore, keys = signingKeys) =>
    blobDestination({ store, subscription, signingKeys: keys }).attest?.(digest);
  const rotated = (previous: string) => async () => signingKeysOf({ current: 'n'.repeat(32), previous });

  it('is its canonical JSON and a signature, under a name made of it', async () => {
    const store = memoryBlobStore();
    expect(await attested(store)).toMatchObject({ kind: 'written' });
    const [name = ''] = store.names();
    expect(name).toMatch(/_0000000007_[0-9a-f]{8}\.json$/);
    const written = Buffer.from((await store.get(name)) ?? '').toString();
    const signed = JSON.parse(written) as SignedDigest;
    expect(written).toBe(signedText(signed));
    expect(signed.digest).toEqual(digest);
    expect(checkSignature(digest, signed, (await signingKeys()).keySet)).toBe('good');
  });

  it('is one object however often it is written, and with whichever root key', async () => {
    const store = memoryBlobStore();
    for (const keys of [signingKeys, signingKeys, rotated('r'.repeat(32)), rotated('x'.repeat(32))])
      expect(await attested(store, keys)).toMatchObject({ kind: 'written' });
    expect(store.names()).toHaveLength(1);
  });

  it.each([
    ['another digest', { ...digest, sequence: 8 }, undefined],
    ['a signature that is not ours', digest, { signature: 'A'.repeat(86) }],
  ])('is never taken for %s that lies there', async (_, content, forged) => {
    const store = memoryBlobStore();
    const { current } = await signingKeys();
    store.raceNext(Buffer.from(signedText({ digest: content, ...current.sign(content), ...forged })));
    expect(await attested(store)).toMatchObject({ kind: 'misconfigured', answer: expect.stringContaining('digests/') });
  });

  it('waits while the store does not answer, and pauses when an operator must act', async () => {
    const { broken, breakWith } = breakable();
    breakWith(new RetryLater('SlowDown'));
    expect(await attested(broken)).toEqual({ kind: 'retry', answer: 'SlowDown' });
    breakWith(new OperatorMustFix('AccessDenied. Allow s3:PutObject.'));
    expect(await attested(broken)).toMatchObject({ kind: 'misconfigured' });
    const none = async () => signingKeysOf(undefined);
    expect(await attested(memoryBlobStore(), none)).toMatchObject({
      kind: 'misconfigured',
      answer: expect.stringContaining('rootKey'),
    });
  });
});

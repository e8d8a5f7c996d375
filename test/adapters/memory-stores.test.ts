import { describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { RetryLater } from '../../shared/core/errors.ts';
import { describeBlobStore } from '../contracts/blob-store-contract.ts';
import { describeRecordStore } from '../contracts/record-store-contract.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

describeBlobStore('memory', async () => {
  const store = memoryBlobStore();
  return () => store;
});

describeRecordStore('memory', async () => {
  const store = memoryRecordStore({ clock: systemClock });
  return () => store;
});

describe('the knobs of the fakes', () => {
  const record = { partition: 'p', id: 'a', value: 1 };

  it('lose an answer before the write took effect', async () => {
    const store = memoryRecordStore();
    store.failNext('before');
    await expect(store.compareAndSet(record, 0)).rejects.toThrow(RetryLater);
    expect(await store.get('p', 'a')).toBeUndefined();
  });

  it('lose an answer after the write took effect', async () => {
    const store = memoryBlobStore();
    store.failNext('after');
    await expect(store.putIfAbsent('a', Buffer.from('x'))).rejects.toThrow(RetryLater);
    expect(store.names()).toEqual(['a']);
  });

  it('wait for the operation they are set for', async () => {
    const store = memoryRecordStore();
    store.failNext('before', 'compareAndSet');
    expect(await store.get('p', 'a')).toBeUndefined();
    await expect(store.compareAndSet(record, 0)).rejects.toThrow(RetryLater);
    expect(await store.compareAndSet(record, 0)).toBe('stored');
  });

  it('fail wherever a property decides', async () => {
    const store = memoryBlobStore();
    store.failWhen((operation, name) => (operation === 'get' && name === 'a' ? 'before' : undefined));
    await expect(store.get('a')).rejects.toThrow(RetryLater);
    expect(await store.get('b')).toBeUndefined();
  });

  it('let somebody else win the next race', async () => {
    const records = memoryRecordStore();
    records.raceNext('theirs');
    expect(await records.compareAndSet(record, 0)).toBe('conflict');
    expect(await records.get('p', 'a')).toMatchObject({ value: 'theirs', version: 1 });

    const blobs = memoryBlobStore();
    blobs.raceNext(Buffer.from('theirs'));
    expect(await blobs.putIfAbsent('a', Buffer.from('ours'))).toBe('exists');
  });

  it('keep a clock that stands still, records each wait and returns at once', async () => {
    const clock = recordingClock({ startMs: 1000 });
    await clock.sleep(5000);
    await clock.sleep(1, AbortSignal.abort());
    clock.advance(50);
    expect([clock.nowMs(), clock.waits]).toEqual([6050, [5000]]);
  });
});

/** The ports of one run: each call waits for its turn at the scheduler, and comes to what the history says. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { RetryLater } from '../../shared/core/errors.ts';
import type { Compression } from '../../shared/flows/journal/compression.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';
import type { WorkQueue } from '../../shared/ports/work-queue.ts';
import type { Operation } from './history.ts';
import type { Run, Scheduler } from './scheduler.ts';

/** In the thread that asks: the pool's threads answer in an order of their own. */
export const gzipAtOnce: Compression = {
  zip: async (bytes) => gzipSync(bytes, { level: 1 }),
  unzip: async (bytes, { maxBytes }) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
};

const lost =
  (operation: Operation, target: string) =>
  (point: 'before' | 'after'): Error =>
    new RetryLater(`${operation} ${target}: no answer, lost ${point} it took effect`);

export const clockOf = (run: Run, { clock, advance, call }: Scheduler): Clock => ({
  nowMs: () => clock.nowMs() + run.skewMs,
  sleep: (ms) =>
    call(run, { operation: 'sleep', target: `${ms} ms`, perform: () => advance(ms), lost: lost('sleep', `${ms} ms`) }),
});

export const parkedBlobs = (run: Run, { call }: Scheduler, store: BlobStore): BlobStore => ({
  description: store.description,
  putIfAbsent: (name, bytes, metadata) =>
    call<'created' | 'exists'>(run, {
      operation: 'blob.put',
      target: name,
      perform: () => store.putIfAbsent(name, bytes, metadata),
      lost: lost('blob.put', name),
      toldTwice: 'exists',
    }),
  get: (name, range) =>
    call(run, {
      operation: 'blob.get',
      target: name,
      perform: () => store.get(name, range),
      lost: lost('blob.get', name),
    }),
  list: (prefix, options) =>
    call(run, {
      operation: 'blob.list',
      target: prefix,
      perform: () => store.list(prefix, options),
      lost: lost('blob.list', prefix),
    }),
});

export const parkedRecords = (run: Run, { call }: Scheduler, store: RecordStore): RecordStore => ({
  description: store.description,
  get: (partition, id) => {
    const target = `${partition}/${id}`;
    return call(run, {
      operation: 'record.get',
      target,
      perform: () => store.get(partition, id),
      lost: lost('record.get', target),
    });
  },
  compareAndSet: (record, expected) => {
    const target = `${record.partition}/${record.id}`;
    return call<'stored' | 'conflict'>(run, {
      operation: 'record.set',
      target: `${target} at ${expected}`,
      perform: () => store.compareAndSet(record, expected),
      lost: lost('record.set', target),
      toldTwice: 'conflict',
    });
  },
  remove: (partition, id, expected) =>
    call<'removed' | 'conflict'>(run, {
      operation: 'record.remove',
      target: `${partition}/${id}`,
      perform: () => store.remove(partition, id, expected),
      lost: lost('record.remove', `${partition}/${id}`),
      toldTwice: 'conflict',
    }),
  range: (partition, options) =>
    call(run, {
      operation: 'record.range',
      target: partition,
      perform: () => store.range(partition, options),
      lost: lost('record.range', partition),
    }),
  due: (partition, untilMs, limit) =>
    call(run, {
      operation: 'record.due',
      target: partition,
      perform: () => store.due(partition, untilMs, limit),
      lost: lost('record.due', partition),
    }),
});

export interface SimulatedQueue {
  /** Messages not yet taken, each subscription once. */
  take(): readonly string[];
  wake(subscription: string, reason: string): void;
}

/** As a FIFO queue does, equal messages within five minutes are one. */
const mergedForMs = 5 * 60_000;

export const simulatedQueue = (clock: { nowMs(): number }): SimulatedQueue => {
  const seenAtMs = new Map<string, number>();
  let waiting = new Set<string>();
  return {
    take: () => {
      const taken = [...waiting];
      waiting = new Set();
      return taken;
    },
    wake: (subscription, reason) => {
      const message = `${subscription} ${reason}`;
      const before = seenAtMs.get(message) ?? Number.NEGATIVE_INFINITY;
      if (clock.nowMs() - before < mergedForMs) return;
      seenAtMs.set(message, clock.nowMs());
      waiting.add(subscription);
    },
  };
};

export const parkedQueue = (run: Run, { call }: Scheduler, queue: SimulatedQueue): WorkQueue => ({
  wake: (subscription, reason) =>
    call(run, {
      operation: 'queue.wake',
      target: `${subscription} ${reason}`,
      perform: () => queue.wake(subscription, reason),
      lost: lost('queue.wake', subscription),
    }),
});

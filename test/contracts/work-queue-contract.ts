import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkQueue } from '../../shared/ports/work-queue.ts';

export interface WatchedQueue {
  readonly queue: WorkQueue;
  /** The subscriptions woken since the last call, each once. */
  woken(): Promise<readonly string[]>;
}

/** What every WorkQueue keeps. */
export const describeWorkQueue = (name: string, open: () => Promise<WatchedQueue>): void => {
  describe(`a WorkQueue: ${name}`, () => {
    let watched: WatchedQueue;
    beforeEach(async () => {
      watched = await open();
    });

    it('brings every subscription that was woken', async () => {
      await watched.queue.wake('acme-soc', 'segment 1');
      await watched.queue.wake('aurora.siem', 'segment 1');
      expect([...(await watched.woken())].sort()).toEqual(['acme-soc', 'aurora.siem']);
      expect(await watched.woken()).toEqual([]);
    });

    it('brings a subscription again when it is woken for another reason', async () => {
      await watched.queue.wake('acme-soc', 'segment 1');
      expect(await watched.woken()).toEqual(['acme-soc']);
      await watched.queue.wake('acme-soc', 'segment 2');
      expect(await watched.woken()).toEqual(['acme-soc']);
    });

    it('may be told the same twice', async () => {
      await watched.queue.wake('acme-soc', 'segment 1');
      await watched.queue.wake('acme-soc', 'segment 1');
      expect(await watched.woken()).toEqual(['acme-soc']);
    });
  });
};

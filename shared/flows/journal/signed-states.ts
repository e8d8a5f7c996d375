import type { SubscriptionHead } from '../../core/head.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { newestHead } from '../heads/newest-head.ts';

/** What the newest signed head says: a witness outside the state, which a restored backup of the state contradicts. */
export interface SignedStates {
  /** ISO 8601. */
  readonly at: string;
  /** The journal's length when it was signed. */
  readonly seq: number;
  readonly subscriptions: ReadonlyMap<string, SubscriptionHead>;
}

/**
 * Reads the newest head once; a failed reading is not remembered. Its signature is not checked here: whoever can write heads can stop
 * deliveries with one, and do nothing else.
 */
export const signedStates = (store: BlobStore, source: string): (() => Promise<SignedStates | undefined>) => {
  let reading: Promise<SignedStates | undefined> | undefined;
  const read = async (): Promise<SignedStates | undefined> => {
    const signed = await newestHead(store, source);
    if (!signed) return undefined;
    const { at, journal, subscriptions } = signed.head;
    return { at, seq: journal.seq, subscriptions: new Map(subscriptions.map((head) => [head.id, head])) };
  };
  return () => {
    reading ??= read().catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
};

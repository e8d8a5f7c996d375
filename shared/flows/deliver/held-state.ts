import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import type { Destination } from '../../ports/destination.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import { digestBringsBackAtMs } from './digests.ts';
import { type LoadedState, storeState } from './load-state.ts';

/** The state of a subscription as one run last read or wrote it, and the only place in the run that knows its version. */
export interface HeldState {
  readonly state: SubscriptionState;
  /** Of the record; 0 while the subscription has none. */
  readonly version: number;
  /** When the due index brings the subscription back, epoch ms. */
  readonly dueAtMs: number | undefined;
  /**
   * @param dueAtMs when somebody must look again even if nobody wakes the subscription; `undefined`: nobody need, unless a digest falls due
   * @returns `false` when somebody else wrote since, and nothing was written
   */
  store(next: SubscriptionState, dueAtMs: number | undefined): Promise<boolean>;
  /** Takes over what somebody else wrote. */
  adopt(loaded: LoadedState): void;
}

export const heldState = (
  { records, destination }: { readonly records: RecordStore; readonly destination: Destination },
  { id }: Pick<Subscription, 'id'>,
  loaded: LoadedState,
): HeldState => {
  let { state, version, dueAtMs } = loaded;
  return {
    get state() {
      return state;
    },
    get version() {
      return version;
    },
    get dueAtMs() {
      return dueAtMs;
    },
    store: async (next, wantedAtMs) => {
      const due = sooner(wantedAtMs, digestBringsBackAtMs(destination, next));
      if ((await storeState(records, id, next, version, due)) === 'conflict') return false;
      state = next;
      dueAtMs = due;
      version += 1;
      return true;
    },
    adopt: (now) => {
      ({ state, version, dueAtMs } = now);
    },
  };
};

const sooner = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

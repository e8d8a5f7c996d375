import type { Clock } from '../ports/clock.ts';

const evenMs = 250;

/**
 * Waits for the next quarter of a second since `startedMs`. An answer that is given then tells nothing of what was done for it, such as
 * reading a document that is another tenant's.
 */
export const evenTime = (clock: Clock, startedMs: number): Promise<void> =>
  clock.sleep(evenMs - ((clock.nowMs() - startedMs) % evenMs));

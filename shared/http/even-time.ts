import type { Clock } from '../ports/clock.ts';

const evenMs = 250;

/**
 * Waits for the next quarter of a second since `startedMs`. So the time of the answer does not show what was done for it, such as reading a
 * document of another tenant.
 */
export const evenTime = (clock: Clock, startedMs: number): Promise<void> =>
  clock.sleep(evenMs - ((clock.nowMs() - startedMs) % evenMs));

import { RetryLater } from '../core/errors.ts';
import type { AlarmClock } from '../ports/clock.ts';
import { resultOf, settled } from './settled.ts';

/** An API gateway answers in our place after 29 s, and its answer says nothing. What is begun by then must still be written. */
export const usualDeadlineMs = 20_000;

/** The caller does not wait any longer. */
export class DeadlinePassed extends RetryLater {}

/**
 * What `work` brings, when it does so before `atMs`. Work that does not is no longer waited for, and how it ends is of no interest.
 * @param leftOver takes what came too late, such as a view that must be closed
 * @throws DeadlinePassed when the time has come, also while the work is under way; work is not begun afterwards
 */
export const inTime = async <T>(
  clock: AlarmClock,
  atMs: number,
  work: () => Promise<T>,
  leftOver: (value: T) => Promise<void> = async () => {},
): Promise<T> => {
  if (clock.nowMs() >= atMs) throw passed();
  const done = new AbortController();
  const outcome = settled(work());
  const first = await Promise.race([outcome, clock.until(atMs, done.signal)]);
  done.abort();
  if (first) return resultOf(first);
  void outcome.then((late) => (late.ok ? settled(leftOver(late.value)) : undefined));
  throw passed();
};

const passed = (): DeadlinePassed =>
  new DeadlinePassed('The source did not answer in time. Narrow the question by time, action or user, or ask again.');

import { describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/adapters/system-clock.ts';

const hourMs = 3_600_000;

describe('the clock of the computer', () => {
  it('tells epoch milliseconds', () => {
    const before = Date.now();
    const now = systemClock.nowMs();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('wakes early, without an error, when it is told to stop', async () => {
    const stop = new AbortController();
    const sleep = systemClock.sleep(hourMs, stop.signal);
    stop.abort();
    await expect(sleep).resolves.toBeUndefined();
    await expect(systemClock.sleep(hourMs, stop.signal)).resolves.toBeUndefined();
  });

  it('rings when a time has come, at once for one that has passed, and early when nobody waits any more', async () => {
    const { signal } = new AbortController();
    const atMs = systemClock.nowMs() + 2;
    await systemClock.until(atMs, signal);
    expect(systemClock.nowMs()).toBeGreaterThanOrEqual(atMs - 1);
    await systemClock.until(atMs - hourMs, signal);
    await systemClock.until(atMs + hourMs, AbortSignal.abort());
  });
});

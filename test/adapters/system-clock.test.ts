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
});

import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../shared/core/instant.ts';
import { type KeyMemory, keyMemory } from '../../../shared/flows/pull/key-memory.ts';

const minute = (n: number): Instant => `2026-03-01T09:${String(n).padStart(2, '0')}:00.000000000Z` as Instant;

/** Segments of 20 000 events, one a minute. */
const segmentKeys = 20_000;
const remember = (memory: KeyMemory, segment: number): void => {
  for (let n = 0; n < segmentKeys; n += 1) memory.add(`${segment}/${n}`);
  memory.seal(minute(segment));
};

describe('the keys that a run remembers', () => {
  it('are held whatever segment they went into, as long as the watermark has not passed them', () => {
    const memory = keyMemory();
    for (let segment = 0; segment < 10; segment += 1) remember(memory, segment);
    memory.add('open');
    memory.forgetBefore(minute(4));
    const held = [4, 5, 6, 7, 8, 9].flatMap((segment) => [`${segment}/0`, `${segment}/${segmentKeys - 1}`]);
    expect([...held, 'open'].filter((key) => !memory.has(key))).toEqual([]);
    expect(memory.has('never')).toBe(false);
  });

  it('are forgotten behind the watermark, so that a long history costs no memory', () => {
    const memory = keyMemory();
    for (let segment = 0; segment < 20; segment += 1) {
      remember(memory, segment);
      memory.forgetBefore(minute(segment));
    }
    expect(memory.has('0/0')).toBe(false);
    expect(memory.has('14/0')).toBe(false);
    expect(memory.has('19/0')).toBe(true);
  });

  it('are held to the end of the run where no watermark will pass them', () => {
    const memory = keyMemory();
    memory.keep(['ahead']);
    for (let segment = 0; segment < 6; segment += 1) remember(memory, segment);
    memory.forgetBefore(minute(59));
    expect(memory.has('ahead')).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { compareIds, encodeRecord } from '../../shared/adapters/record-rules.ts';
import { attemptOf, type Tried } from '../../shared/core/attempt.ts';

const startedAtMs = Date.parse('2026-03-01T09:00:00.000Z');
const tried: Tried = {
  kind: 'batch',
  batch: 'msg_one',
  sequence: 7,
  number: 2,
  events: 100,
  outcome: { kind: 'retry', answer: '503 Busy', response: { status: 503, body: 'later', requestId: 'r-1' } },
  startedAtMs,
  endedAtMs: startedAtMs + 120,
};
const withBody = (body: string) => attemptOf({ ...tried, outcome: { ...tried.outcome, response: { body } } });

describe('an attempt in the log', () => {
  it('says when, how long, what, and what came back', () => {
    expect(attemptOf(tried)).toEqual({
      id: expect.stringMatching(/^\d{13}-[0-9a-f]{12}$/),
      kind: 'batch',
      at: '2026-03-01T09:00:00.000Z',
      durationMs: 120,
      batch: 'msg_one',
      sequence: 7,
      number: 2,
      events: 100,
      outcome: 'retry',
      answer: '503 Busy',
      status: 503,
      body: 'later',
      requestId: 'r-1',
    });
  });

  it('sorts before every earlier one, and is the same whoever logs it', () => {
    const later = attemptOf({ ...tried, startedAtMs: startedAtMs + 1 });
    expect(compareIds(later.id, attemptOf(tried).id)).toBeLessThan(0);
    expect(attemptOf(tried)).toEqual(attemptOf(tried));
    expect(attemptOf({ ...tried, batch: 'msg_two' }).id).not.toBe(attemptOf(tried).id);
  });

  it('keeps no more than 16 KiB of an answer, cut at a whole character', () => {
    const { body = '' } = withBody('\u{1F600}'.repeat(10_000));
    expect(Buffer.byteLength(body)).toBe(16_384);
    expect(withBody(`x${'\u{1F600}'.repeat(10_000)}`).body).toMatch(/^x(?:\u{1F600})+$/u);
  });

  it.each([
    ['\0', 40_000],
    ['"', 40_000],
    ['\ud800', 40_000],
    ['\u{1F600}', 40_000],
  ])('fits into a record whatever the answer was made of: %j', (character, times) => {
    const value = withBody(character.repeat(times));
    expect(() => encodeRecord({ partition: 'attempt/x', id: value.id, value })).not.toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import { classifyWebhookAnswer, classifyWebhookFailure } from '../../../shared/core/webhook/answer.ts';
import { retryAfterMs } from '../../../shared/core/webhook/retry-after.ts';

const nowMs = Date.parse('2026-11-20T10:00:00Z');
const outcome = (status: number, number = 1, retryAfter?: string) =>
  classifyWebhookAnswer(
    { status, text: String(status), ...(retryAfter !== undefined && { retryAfter }) },
    { number, nowMs, contentSha256: 'abc' },
  );

describe('the answer of a webhook', () => {
  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [204, 'delivered'],
    [299, 'delivered'],
    [301, 'retry'],
    [304, 'retry'],
    [307, 'retry'],
    [400, 'poison'],
    [401, 'retry'],
    [403, 'retry'],
    [404, 'retry'],
    [408, 'retry'],
    [409, 'retry'],
    [410, 'gone'],
    [413, 'too large'],
    [418, 'retry'],
    [422, 'poison'],
    [425, 'retry'],
    [429, 'throttled'],
    [500, 'retry'],
    [501, 'retry'],
    [502, 'throttled'],
    [503, 'throttled'],
    [504, 'throttled'],
    [100, 'retry'],
    [199, 'retry'],
    [600, 'retry'],
    [999, 'retry'],
    [0, 'retry'],
  ])('%i means %s at first', (status, kind) => {
    expect(outcome(status).kind).toBe(kind);
  });

  it.each([301, 302, 303, 307, 308, 401, 403, 404, 405, 415])(
    '%i is taken for a passing state three times, then for wrong settings',
    (status) => {
      expect([1, 2, 3, 4, 5].map((number) => outcome(status, number).kind)).toEqual([
        'retry',
        'retry',
        'retry',
        'misconfigured',
        'misconfigured',
      ]);
    },
  );

  it.each([408, 409, 500, 599, 0])('%i is never taken for wrong settings', (status) => {
    expect(outcome(status, 1000).kind).toBe('retry');
  });

  it('names what was accepted, for the chain', () => {
    expect(outcome(204)).toEqual({ kind: 'delivered', answer: '204', contentSha256: 'abc' });
  });

  it('says of a redirect that it is not followed', () => {
    expect(outcome(302).answer).toBe('302 (redirects are not followed)');
  });

  it.each([429, 502, 503, 504])('%i asks for time with Retry-After, and need not', (status) => {
    expect(outcome(status, 1, '120')).toMatchObject({ kind: 'throttled', retryAfterMs: 120_000 });
    expect(outcome(status, 1)).not.toHaveProperty('retryAfterMs');
    expect(outcome(status, 1, 'soon')).not.toHaveProperty('retryAfterMs');
  });
});

describe('no answer', () => {
  const kinds = (failure: Parameters<typeof classifyWebhookFailure>[0]) =>
    [1, 3, 4, 100].map((number) => classifyWebhookFailure(failure, 'why', { number }).kind);

  it.each(['deadline passed', 'connection lost', 'answer unreadable', 'stopped'] as const)(
    'because of %s is tried again by the timetable',
    (failure) => {
      expect(kinds(failure)).toEqual(['retry', 'retry', 'retry', 'retry']);
    },
  );

  it.each(['unknown host', 'certificate'] as const)(
    'because of %s is taken for a passing state three times, then for wrong settings',
    (failure) => {
      expect(kinds(failure)).toEqual(['retry', 'retry', 'misconfigured', 'misconfigured']);
    },
  );

  it('because our own rules refuse the target is a matter for the operator at once', () => {
    expect(kinds('target refused')).toEqual(Array(4).fill('misconfigured'));
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['999999999999999999999', Number.MAX_SAFE_INTEGER],
    ['Fri, 20 Nov 2026 10:01:00 GMT', 60_000],
    ['Friday, 20-Nov-26 10:01:00 GMT', 60_000],
    ['Fri Nov 20 10:01:00 2026', 60_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
  ])('%s is understood', (value, expected) => {
    expect(retryAfterMs(value, nowMs)).toBe(expected);
  });

  it.each(['', '-5', '1.5', '1e9', '0x10', 'soon', 'Fri, 99 Nov 2026 10:00:00 GMT', '2026-11-20', '5, 6', 'Fri'])(
    '"%s" means nothing',
    (value) => {
      expect(retryAfterMs(value, nowMs)).toBeUndefined();
    },
  );

  it('may be missing', () => {
    expect(retryAfterMs(undefined, nowMs)).toBeUndefined();
  });
});

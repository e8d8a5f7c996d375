import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyWebhookAnswer, classifyWebhookFailure } from '../../../shared/core/webhook/answer.ts';
import { answerText, masked, unspeakableOf } from '../../../shared/core/webhook/answer-text.ts';
import { withoutEcho } from '../../../shared/core/webhook/echo.ts';
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

describe('what is told of an answer', () => {
  const request = Buffer.from('{"event":{"user":{"email":"ada@aurora.example.com"}}}');
  const told = (
    body: string,
    parts: { status?: number; reason?: string; contentEncoding?: string } = {},
    secrets: string[] = [],
  ) => answerText({ status: 500, reason: 'Oops', body: Buffer.from(body), ...parts }, { secrets, request });

  it('is status, reason and the beginning of the body in printable characters', () => {
    expect(told('line one\r\n\u0000\u001b[31mline\ttwo\u202e')).toBe('500 Oops: line one [31mline two');
    expect(told('x'.repeat(10_000))).toBe(`500 Oops: ${'x'.repeat(200)}`);
    expect(told('', { reason: 'y'.repeat(10_000) })).toBe(`500 ${'y'.repeat(60)}`);
  });

  it('is only the status when the answer is a success', () => {
    expect(told('{"ok":true}', { status: 200, reason: 'OK' })).toBe('200 OK');
  });

  it('is not the body when that is compressed', () => {
    expect(told('garbage', { contentEncoding: 'gzip' })).toBe('500 Oops');
    expect(told('plain', { contentEncoding: 'identity' })).toBe('500 Oops: plain');
  });

  it('holds no secret, no header value and no part of the path', () => {
    const secrets = unspeakableOf({
      signing: ['whsec_c2VjcmV0LXNlY3JldA=='],
      headers: { Authorization: 'Bearer hunter2hunter2' },
      path: '/services/T000/XXXXSECRET?token=tok_12345678',
    });
    const body = 'no XXXXSECRET, tok_12345678 or Bearer hunter2hunter2 for whsec_c2VjcmV0LXNlY3JldA==';
    const shown = answerText({ status: 404, reason: 'Not', body: Buffer.from(body) }, { secrets, request });
    expect(shown).toContain('404 Not: no ***');
    expect(shown).not.toMatch(/XXXXSECRET|tok_1234|hunter2|c2VjcmV0/);
  });

  it('holds not even the beginning of a secret where it is cut', () => {
    const shown = told(`${'x '.repeat(97)}hunter2hunter2`, {}, ['hunter2hunter2']);
    expect(shown).not.toContain('hunter');
  });

  it('does not repeat events that the other side sends back', () => {
    const shown = told(`bad: ${request.toString()} sorry`);
    expect(shown).toBe('500 Oops: bad: … sorry');
  });

  it('masks an error message in the same way', () => {
    expect(masked('connect failed for /XXXXSECRET\n', ['/XXXXSECRET'])).toBe('connect failed for ***');
  });
});

describe('what the other side repeats of the request', () => {
  const request = Buffer.from(
    '{"user":{"email":"ada@aurora.example.com","name":"Ädä “A” Löv"},"message":"opened the door"}',
  );

  it.each([
    ['no such field', 'no such field'],
    ['', ''],
    ['bad: {"user":{"email":"ada@aurora.example.com"', 'bad: …'],
    ['ada@aurora.example.com is unknown', '… is unknown'],
    ['unknown: "Ädä “A” Löv", or so', 'unknown: …, or so'],
    ['x "email":"ada@aurora.example.com" y "message":"opened the door" z', 'x … y … z'],
  ])('is cut out: %s', (said, shown) => {
    expect(withoutEcho(said, request)).toBe(shown);
  });

  it('is cut out wherever it stands, from 23 bytes on', () => {
    const content = request.toString();
    const place = fc.record({ from: fc.nat(content.length - 24), before: fc.nat(40), after: fc.nat(40) });
    fc.assert(
      fc.property(place, ({ from, before, after }) => {
        const repeated = content.slice(from, from + 23);
        const shown = withoutEcho(`${'-'.repeat(before)}${repeated}${'+'.repeat(after)}`, request);
        expect(shown).toBe(`${'-'.repeat(before)}…${'+'.repeat(after)}`);
      }),
    );
  });
});

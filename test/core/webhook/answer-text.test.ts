import { describe, expect, it } from 'vitest';
import { masked, shownAnswer } from '../../../shared/core/webhook/answer-text.ts';
import { unspeakableOf } from '../../../shared/core/webhook/unspeakable.ts';

describe('what is told of an answer', () => {
  const request = Buffer.from('{"event":{"user":{"email":"ada@aurora.example.com"}}}');
  const told = (
    body: string,
    parts: { status?: number; reason?: string; headers?: Record<string, string> } = {},
    secrets: readonly string[] = [],
  ) =>
    shownAnswer({ status: 500, reason: 'Oops', headers: {}, body: Buffer.from(body), ...parts }, { secrets, request })
      .text;
  const kept = (body: string, secrets: readonly string[] = [], headers: Record<string, string> = {}, status = 500) =>
    shownAnswer({ status, reason: '', headers, body: Buffer.from(body) }, { secrets, request }).response;

  it('is status, reason and the beginning of the body in printable characters', () => {
    expect(told('line one\r\n\u0000\u001b[31mline\ttwo\u202e')).toBe('500 Oops: line one [31mline two');
    expect(told('x'.repeat(10_000))).toBe(`500 Oops: ${'x'.repeat(200)}`);
    expect(told('', { reason: 'y'.repeat(10_000) })).toBe(`500 ${'y'.repeat(60)}`);
  });

  it('is only the status when the answer is a success', () => {
    expect(told('{"ok":true}', { status: 200, reason: 'OK' })).toBe('200 OK');
  });

  it('is not the body when that is compressed', () => {
    expect(told('garbage', { headers: { 'content-encoding': 'gzip' } })).toBe('500 Oops');
    expect(told('plain', { headers: { 'content-encoding': 'identity' } })).toBe('500 Oops: plain');
  });

  it('holds no secret, no header value and no part of the path', () => {
    const secrets = unspeakableOf({
      signing: ['whsec_c2VjcmV0LXNlY3JldA=='],
      headers: { Authorization: 'Bearer hunter2hunter2' },
      path: '/services/T000/XXXXSECRET?token=tok_12345678',
    });
    const body = 'no XXXXSECRET, tok_12345678 or Bearer hunter2hunter2 for whsec_c2VjcmV0LXNlY3JldA==';
    const shown = told(body, { status: 404, reason: 'Not' }, secrets);
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

  it('does not repeat events in the reason and the id of the request either', () => {
    const event = request.toString().slice(9, -1);
    const echoed = { status: 500, reason: `no ${event}`, headers: { 'x-request-id': event }, body: Buffer.from('') };
    const { text, response } = shownAnswer(echoed, { secrets: [], request });
    expect(text).toBe('500 no …');
    expect(response.requestId).toBe('…');
  });

  it('masks an error message in the same way', () => {
    expect(masked('connect failed for /XXXXSECRET\n', ['/XXXXSECRET'])).toBe('connect failed for ***');
  });

  it('is kept with up to 16 KiB of the body, of a success too, line breaks in it and control characters not', () => {
    expect(kept('{"ok":true}\r\n\u001b[2Jdone\u202e', [], {}, 200)).toEqual({
      status: 200,
      body: '{"ok":true}\n [2Jdone',
    });
    expect(kept('x'.repeat(16_384)).body).toBe('x'.repeat(16_384));
    expect(kept('')).toEqual({ status: 500 });
  });

  it('is kept with secrets, header values and repetitions of the request masked as in the text', () => {
    const shown = kept(`line\n${request.toString()}\nBearer hunter2hunter2`, ['hunter2hunter2']).body;
    expect(shown).toMatch(/^line\n…/);
    expect(shown).not.toMatch(/hunter2|aurora/);
  });

  it('is kept without the beginning of a secret where we stopped reading', () => {
    expect(kept(`${'x'.repeat(16_384 - 7)}hunter2`, ['hunter2hunter2']).body).toBe('x'.repeat(16_384 - 7));
  });

  it.each([
    [{ 'x-request-id': 'req-1', 'cf-ray': 'ray-1' }, 'req-1'],
    [{ 'x-amz-request-id': 'ABC123' }, 'ABC123'],
    [{ 'x-correlation-id': `${'c'.repeat(500)}` }, 'c'.repeat(128)],
    [{ 'x-request-id': 'key hunter2hunter2\u0000' }, 'key ***'],
    [{ date: 'today' }, undefined],
  ])('names what the other side calls the request: %j', (headers, id) => {
    expect(kept('', ['hunter2hunter2'], headers).requestId).toBe(id);
  });

  it.each(['a.'.repeat(8_192), 'http://'.repeat(2_340), '://'.repeat(5_461), 'Bearer '.repeat(2_340)])(
    'costs at most forty times an ordinary text whatever it holds: %.12s…',
    (body) => {
      const quickest = (text: string): number =>
        Math.min(
          ...Array.from({ length: 5 }, () => {
            const startedMs = performance.now();
            kept(text);
            return performance.now() - startedMs;
          }),
        );
      // A regular expression that tries again from every character takes hundreds of times as long.
      expect(quickest(body)).toBeLessThan(40 * quickest('the quick brown fox jumps over it. '.repeat(468)));
    },
  );
});

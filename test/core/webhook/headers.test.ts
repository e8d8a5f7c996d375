import { describe, expect, it } from 'vitest';
import { headerMistakes, refusedHeader } from '../../../shared/core/webhook/headers.ts';

describe('a header of the customer', () => {
  it.each(['Authorization', 'X-Team', 'Accept', 'X-Api-Key', 'Content', 'Webhooks', 'Amz-Target'])(
    'may be %s',
    (name) => {
      expect(refusedHeader(name)).toBeUndefined();
    },
  );

  it.each([
    'user-agent',
    'Host',
    'Connection',
    'Keep-Alive',
    'Content-Length',
    'content-encoding',
    'CONTENT-TYPE',
    'Transfer-Encoding',
    'Proxy-Authorization',
    'proxy-connection',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',
    'Cache-Control',
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'Cookie',
    'webhook-id',
    'Webhook-Signature',
    'svix-id',
    'X-Amz-Date',
    'x-amzn-trace-id',
    'X-Google-Cloud',
    'x-goog-iap-jwt-assertion',
    'x-gfe-ssl',
    'x-azure-ref',
    'x-fd-healthprobe',
  ])('may not be %s', (name) => {
    expect(refusedHeader(name)).toMatch(/^is set by/);
  });

  it.each(['', 'X Team', 'X-Team:', 'X-Täam', 'X\r\nHost', 'x\u0000'])('must have a name: %j', (name) => {
    expect(refusedHeader(name)).toBe('is not a header name');
  });

  it.each(['a\r\nHost: evil', 'a\nb', 'a\u0000', 'Ä', 'a\u007f'])('must have a value of visible ASCII: %j', (value) => {
    expect(headerMistakes({ 'X-Team': value })).toEqual([
      'The value of header "X-Team" holds other than visible ASCII. Encode it.',
    ]);
  });

  it('counts with all others: 4096 bytes, names and values', () => {
    expect(headerMistakes({ 'X-Team': 'x'.repeat(4090) })).toEqual([]);
    expect(headerMistakes({ 'X-Team': 'x'.repeat(4091) })).toEqual(['The headers have 4097 bytes; the most is 4096.']);
  });

  it('may be there once only, whatever its case', () => {
    expect(headerMistakes({ 'X-Team': 'a', 'x-team': 'b' })).toEqual(['Header "x-team" is there twice. Keep one.']);
  });

  it('is named with every mistake at once, its value never', () => {
    const mistakes = headerMistakes({ Host: 'hunter2', 'X-Ok': 'fine', Cookie: 'hunter2\n' });
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join()).toMatch(/"Host".*"Cookie"/);
    expect(mistakes.join()).not.toContain('hunter2');
  });
});

import { describe, expect, it } from 'vitest';
import { shownAnswer } from '../../../shared/core/webhook/answer-text.ts';
import { unspeakableOf } from '../../../shared/core/webhook/unspeakable.ts';

describe('what a receiver repeats of its own credentials', () => {
  const shown = (headers: Record<string, string>, path: string, said: string): string => {
    const secrets = unspeakableOf({ signing: [], headers, path });
    const parts = { status: 401, reason: 'Unauthorized', headers: {}, body: Buffer.from(said) };
    const { text, response } = shownAnswer(parts, { secrets, request: Buffer.from('{}') });
    expect(text).toBe(`401 Unauthorized: ${response.body}`);
    return response.body ?? '';
  };
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it.each([
    [
      'the token of a scheme',
      'Bearer hunter2-hunter2',
      '{"error":"bad token hunter2-hunter2"}',
      '{"error":"bad token ***"}',
    ],
    ['a short token of a scheme', 'Token abc12', 'no token "abc12"', 'no token "***"'],
    ['user and password', `Basic ${base64('svc-sluice:pa:ss')}`, 'svc-sluice with pa:ss failed', '*** with *** failed'],
    ['the two halves of an API key', `ApiKey ${base64('key-id-1:key-value')}`, 'key-id-1: key-value', '***: ***'],
    ['what follows a name', 'key=abcdef0123456789', 'unknown key abcdef0123456789', 'unknown key ***'],
    [
      'one of several',
      'id="tenant-17", mac="c2lnbmVk/bWVzc2FnZQ=="',
      'mac c2lnbmVk/bWVzc2FnZQ is wrong',
      'mac *** is wrong',
    ],
    ['with its slashes escaped', 'Bearer abc/def+ghi', '{"token":"abc\\/def+ghi"}', '{"token":"***"}'],
    ['percent-decoded', 'token=abc%2Fdef%2Bghi', 'not abc/def+ghi', 'not ***'],
  ])('is masked: %s', (_what, value, said, masked) => {
    expect(shown({ authorization: value }, '/x', said)).toBe(masked);
  });

  it.each([
    ['a part', '/hooks/T0%2BS3CRET%3D%3D9999', 'no hook T0+S3CRET==9999', 'no hook ***'],
    ['a value of the query', '/in?code=a%2Bb%2Fc1234567', 'code a+b/c1234567?', 'code ***?'],
    ['a part within a part', '/in?to=%2Fteams%2Fc1234567%2Fx', 'no team c1234567', 'no team ***'],
    ['a part that cannot be decoded', '/hooks/100%25-%E4secret', 'no 100%25-%E4secret', 'no ***'],
    ['the whole with its slashes escaped', '/a/b/c', '{"path":"\\/a\\/b\\/c"}', '{"path":"***"}'],
  ])('is masked in a path: %s', (_what, path, said, masked) => {
    expect(shown({}, path, said)).toBe(masked);
  });

  it('leaves the words of an answer that no credential holds', () => {
    const headers = {
      authorization: 'Bearer hunter2-hunter2',
      'x-env': 'prod',
      accept: 'application/json; charset=utf-8',
    };
    const said =
      '{"error":"invalid_token","charset":"utf-8","type":"application/problem+json","hint":"Basic or Bearer"}';
    expect(shown(headers, '/hooks/in', said)).toBe(said);
  });

  it('is masked in time, however many parts the credentials have', () => {
    const many = (part: string, separator: string) => Array.from({ length: 400 }, (_, n) => part + n).join(separator);
    const headers = { 'x-many': many('%61bc%2F', ',').slice(0, 4_080) };
    const secrets = unspeakableOf({ signing: [], headers, path: `/${many('%61bcdef', '/')}`.slice(0, 2_048) });
    const body = Buffer.from('aabcdef,'.repeat(2_048));
    const startedMs = performance.now();
    shownAnswer({ status: 500, reason: '', headers: {}, body }, { secrets, request: new Uint8Array() });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(secrets.length).toBeLessThan(3_000);
  });
});

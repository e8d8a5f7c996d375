import { describe, expect, it } from 'vitest';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeNone } from '../../../shared/core/tenants.ts';

const readHit = hitReader({ timeField: '@timestamp', attribute: attributeNone });

const secret = 'Zq7-planted-9';

const read = ({ more }: { readonly more: Readonly<Record<string, unknown>> }) =>
  readHit({ _index: 'closer', _id: '1', _source: { message: { 'event.action': 'agent_skills_change', ...more } } }, '');

describe('a secret', () => {
  it.each([
    ['a text of lines', `Host: a\r\nX-Api-Key: ${secret}\r\nAccept: b`, 'Host: a\r\nX-Api-Key: REDACTED\r\nAccept: b'],
    ['a value in two lines', `Cookie: a=1;\r\n b=${secret}\r\nHost: a`, 'Cookie: REDACTED\r\nHost: a'],
    ['lines without a space', `host:a\nauthorization:Bearer ${secret}`, 'host:a\nauthorization:REDACTED'],
    ['lines of a tool', `> Host: a\n> X-Api-Key: ${secret}`, '> Host: a\n> X-Api-Key: REDACTED'],
    ['a list of lines', ['Host: a', `Authorization: Bearer ${secret}`], ['Host: a', 'Authorization: REDACTED']],
    [
      'a list of pairs',
      [
        ['Host', 'a'],
        ['X-Api-Key', secret],
      ],
      [
        ['Host', 'a'],
        ['X-Api-Key', 'REDACTED'],
      ],
    ],
    [
      'one name and value',
      { name: 'X-Api-Key', value: { is: secret } },
      { name: 'X-Api-Key', value: { is: 'REDACTED' } },
    ],
    ['names with values', [{ name: 'X-Api-Key', values: [secret] }], [{ name: 'X-Api-Key', values: 'REDACTED' }]],
  ])('is hidden in headers that are %s, and the other headers stay', (_, headers, expected) => {
    const { event } = read({ more: { 'http.request.headers': headers } });
    expect(event.closer).toEqual({ http: { request: { headers: expected } } });
  });

  it('is not seen in a line whose name is no secret, nor in the middle of a sentence', () => {
    const note = 'at 09:27: see https://closer.app/a\nNote: a lost token: none\n\n12:30:01';
    expect(read({ more: { note } }).event.closer).toEqual({ note });
  });
});

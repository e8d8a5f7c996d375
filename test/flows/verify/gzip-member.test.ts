import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpackMember } from '../../../shared/flows/verify/gzip-member.ts';

const text = Buffer.from('an event\n'.repeat(1000));
const large = Buffer.from(Array.from({ length: 60_000 }, (_, n) => String(Math.imul(n, 2_654_435_761))).join('\n'));
const changed = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

describe('exactly one gzip member', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a few lines', text],
    ['what is unpacked in another thread', large],
  ])('is unpacked: %s', async (_, content) => {
    for (const level of [1, 6, 9]) expect(await unpackMember(gzipSync(content, { level }))).toEqual(content);
  });

  const whole = gzipSync(text);
  it.each([
    ['no bytes', Buffer.alloc(0), '0 bytes, too few for gzip'],
    ['plain text', text, 'another header than that of a gzip member'],
    ['a cut end', whole.subarray(0, -1), 'a gzip member of'],
    ['a cut middle', whole.subarray(0, 20), 'a gzip member that cannot be unpacked'],
    [
      'a byte more',
      Buffer.concat([whole, Buffer.from([0])]),
      `a gzip member of ${whole.length} bytes in a place of ${whole.length + 1}`,
    ],
    [
      'a member more',
      Buffer.concat([whole, gzipSync('')]),
      `a gzip member of ${whole.length} bytes in a place of ${whole.length + 20}`,
    ],
    ['a wrong checksum', changed(whole, whole.length - 8), 'a gzip member whose CRC-32 is wrong'],
    ['a wrong length', changed(whole, whole.length - 4), 'a gzip member whose length is wrong'],
    ['a name in the header', changed(whole, 3), 'another header than that of a gzip member'],
  ])('is not %s', async (_, bytes, what) => {
    expect(await unpackMember(bytes)).toContain(what);
  });
});

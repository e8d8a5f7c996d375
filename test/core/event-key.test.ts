import { describe, expect, it } from 'vitest';
import { eventKey, streamOf } from '../../shared/core/event-key.ts';

describe('the key of an event', () => {
  it('is 128 bits in 22 base64url characters, with one spelling only', () => {
    for (let at = 0; at < 200; at++) {
      const key = eventKey('closer', `id-${at}`);
      expect(key).toMatch(/^[A-Za-z0-9_-]{21}[AQgw]$/);
      expect(Buffer.from(key, 'base64url').toString('base64url')).toBe(key);
    }
  });

  it('stays what it is: journals hold it', () => {
    expect(eventKey('closer', 's3baO3kBZbVQk2pxTK-w')).toBe('kmHY6_vnBX9XG94iwDebdQ');
  });

  it('differs when index and id share their letters differently', () => {
    expect(eventKey('a', 'bc')).not.toBe(eventKey('ab', 'c'));
    expect(eventKey('1', '1:1')).not.toBe(eventKey('11', ':1'));
  });

  it.each([
    '.ds-closer-log-2021.05.05-000001',
    '.ds-closer-log-2021.06.05-1000000',
    'shrink-x_z9-.ds-closer-log-2021.05.05-000001',
    'partial-restored-.ds-closer-log-2021.05.05-000002',
    'partial-.ds-closer-log-2021.05.05-000002',
  ])('is that of the data stream for %s', (index) => {
    expect(streamOf(index)).toBe('closer-log');
    expect(eventKey(index, '1')).toBe(eventKey('closer-log', '1'));
  });

  it.each(['closer', 'closer-2021.05.05', 'partial-closer', '.ds-closer', 'x.ds-closer-2021.05.05-000001'])(
    'is that of the plain index %s',
    (index) => {
      expect(streamOf(index)).toBe(index);
    },
  );
});

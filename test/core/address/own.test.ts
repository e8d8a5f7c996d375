import { describe, expect, it } from 'vitest';
import { checkAnswer, checkTarget } from '../../../shared/core/address/target.ts';

const own = ['sluice.acme.example', '93.184.216.34', '2600:1901::7', 'fe80::1%eth0'];
const rules = { allow: [], own };

describe('Sluice itself', () => {
  it.each([
    'https://sluice.acme.example/v1/events',
    'https://SLUICE.acme.example.:8443/',
    'https://sluice%2eacme.example/',
    'https://93.184.216.34/',
    'https://0x5db8d822/',
    'https://[2600:1901::7]/',
    'https://[2600:1901:0:0:0:0:0:7]/',
    'https://[::ffff:93.184.216.34]/',
  ])('is no target, however it is spelled: %s', (url) => {
    expect(checkTarget(url, rules)).toEqual({ kind: 'refused', reason: expect.stringContaining('Sluice itself') });
    expect(checkTarget(url, { allow: [] }).kind).toBe('allowed');
  });

  it.each([['93.184.216.34'], ['8.8.8.8', '2600:1901:0::7'], ['::ffff:93.184.216.34']])(
    'is refused when a name of somebody else resolves to it: %s',
    (...addresses) => {
      expect(checkAnswer(addresses, rules)?.reason).toContain('is that of Sluice itself');
    },
  );

  it('leaves its neighbours and names that only look alike alone', () => {
    expect(checkAnswer(['93.184.216.35', '2600:1901::8'], rules)).toBeUndefined();
    expect(checkTarget('https://hooks.sluice.acme.example/', rules).kind).toBe('allowed');
    expect(checkTarget('https://sluice.acme.example.evil.example/', rules).kind).toBe('allowed');
  });

  it('may be reached by an address that the operator opened, for a receiver on the same machine', () => {
    const opened = { allow: ['93.184.216.34/32'], own };
    expect(checkTarget('https://93.184.216.34:8088/', opened).kind).toBe('allowed');
    expect(checkAnswer(['93.184.216.34'], opened)).toBeUndefined();
    expect(checkTarget('https://sluice.acme.example/', opened).kind).toBe('refused');
  });
});

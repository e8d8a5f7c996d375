import { describe, expect, it } from 'vitest';
import { BadParameters } from '../../shared/core/bad-parameters.ts';
import { parseFilter, type WrittenFilter } from '../../shared/core/filter-parse.ts';

const nowMs = Date.parse('2026-05-05T12:00:00.250Z');

const mistakesOf = (written: WrittenFilter) => {
  try {
    parseFilter(written, { nowMs });
  } catch (error) {
    if (error instanceof BadParameters) return error.mistakes;
    throw error;
  }
  throw new Error('the filter was accepted');
};

describe('a filter as it is written', () => {
  it('means the same however it is written: repeated, with commas, as a JSON list, in any order and case', () => {
    const wanted = { action: ['agent_login', 'agent_logout'], status: ['404', '5xx'] };
    expect(parseFilter({ action: 'agent_login,agent_logout', status: '404,5XX' })).toEqual(wanted);
    expect(parseFilter({ action: ['agent_logout', 'AGENT_LOGIN', 'agent_login'], status: ['5xx', 404] })).toEqual(
      wanted,
    );
  });

  it('keeps commas that belong to a URL', () => {
    expect(parseFilter({ url: '/api/A,B/**/c' })).toEqual({ url: ['/api/a,b/*/c'] });
  });

  it('accepts every parameter of the query and nothing is everything', () => {
    expect(parseFilter({})).toEqual({});
    expect(
      Object.keys(
        parseFilter({
          from: '2026-05-01',
          to: '2026-05-02',
          action: 'agent_login',
          category: 'iam',
          kind: 'event',
          type: 'change',
          outcome: 'Failure',
          user: 'Ada.Nowak@aurora.example.com',
          role: 'ADMIN',
          ip: '203.0.113.0/24',
          method: 'put',
          status: '4xx',
          url: '/oauth',
        }),
      ),
    ).toHaveLength(13);
  });

  it.each([
    ['2026-05-05', '2026-05-05T00:00:00.000000000Z', '2026-05-05T23:59:59.999999999Z'],
    ['2026-05-05T10:00Z', '2026-05-05T10:00:00.000000000Z', '2026-05-05T10:00:59.999999999Z'],
    ['2026-05-05T10:00:07', '2026-05-05T10:00:07.000000000Z', '2026-05-05T10:00:07.999999999Z'],
    ['2026-05-05T10:00:07.5Z', '2026-05-05T10:00:07.500000000Z', '2026-05-05T10:00:07.599999999Z'],
    ['2026-05-05T10:00:07.529Z', '2026-05-05T10:00:07.529000000Z', '2026-05-05T10:00:07.529999999Z'],
    ['2026-05-05T10:00:07.529123456Z', '2026-05-05T10:00:07.529000000Z', '2026-05-05T10:00:07.529999999Z'],
    ['2026-05-05T10:00:07.529+0200', '2026-05-05T08:00:07.529000000Z', '2026-05-05T08:00:07.529999999Z'],
    ['2026-05-05T10:00:07.529 02:00', '2026-05-05T08:00:07.529000000Z', '2026-05-05T08:00:07.529999999Z'],
    ['2026-05-05T10:00:07.529-03:30', '2026-05-05T13:30:07.529000000Z', '2026-05-05T13:30:07.529999999Z'],
    ['now', '2026-05-05T12:00:00.250000000Z', '2026-05-05T12:00:00.250999999Z'],
    ['now-24h', '2026-05-04T12:00:00.250000000Z', '2026-05-04T12:00:00.250999999Z'],
    ['now-2w', '2026-04-21T12:00:00.250000000Z', '2026-04-21T12:00:00.250999999Z'],
    ['2262-04-11T23:47:16.854Z', '2262-04-11T23:47:16.854000000Z', '2262-04-11T23:47:16.854775807Z'],
  ])('reads %s as the first instant it names for from, and the last for to', (written, from, to) => {
    expect(parseFilter({ from: written }, { nowMs })).toEqual({ from });
    expect(parseFilter({ to: written }, { nowMs })).toEqual({ to });
  });

  it.each([
    'yesterday',
    '2026-02-30',
    '2026-05-05T25:00Z',
    '2026-05-05T10:00:00+99:00',
    '2026-05-05Z',
    '1969-12-31',
    '2262-04-12',
    'now+1h',
    'now-1y',
    '',
    '1620206832529',
  ])('refuses %j as a time', (written) => {
    expect(mistakesOf({ from: written })).toEqual([
      { field: 'from', detail: expect.stringContaining(JSON.stringify(written)) },
    ]);
  });

  it('refuses relative times where no clock is given, as in a subscription', () => {
    expect(() => parseFilter({ from: 'now-24h' })).toThrow('from: must be one instant');
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9/24', '203.0.113.0/24'],
    ['203.0.113.9/32', '203.0.113.9'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9/120', '203.0.113.0/24'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
  ])('writes the address %s as %s', (written, canonical) => {
    expect(parseFilter({ ip: written })).toEqual({ ip: [canonical] });
  });

  it.each([
    '010.0.0.1',
    '10.1',
    '0x7f000001',
    '10.0.0.1/33',
    '10.0.0.1/',
    '::1%eth0',
    '::ffff:1.2.3.4/64',
    '/',
    'localhost',
  ])('refuses %j as an address', (written) => {
    expect(mistakesOf({ ip: written })).toEqual([
      { field: 'ip', detail: expect.stringContaining('must be an address') },
    ]);
  });

  it('lists every mistake at once, each under its field', () => {
    const mistakes = mistakesOf({
      from: 'yesterday',
      outcome: 'fail,success',
      status: '4',
      method: 'PUT IT',
      actoin: 'agent_login',
      url: '*',
      user: '',
      role: true,
    });
    expect(mistakes).toEqual([
      { field: 'from', detail: expect.stringContaining('now-24h') },
      { field: 'outcome', detail: 'must be one of failure, success, unknown; got "fail".' },
      { field: 'status', detail: expect.stringContaining('404 or 4xx') },
      { field: 'method', detail: expect.stringContaining('HTTP method') },
      { field: 'actoin', detail: 'is not a parameter. Did you mean action?' },
      { field: 'url', detail: expect.stringContaining('matches everything') },
      { field: 'user', detail: expect.stringContaining('empty') },
      { field: 'role', detail: expect.stringContaining('text or a list') },
    ]);
  });

  it('refuses a range that ends before it begins', () => {
    expect(mistakesOf({ from: '2026-05-06', to: '2026-05-05' })).toEqual([
      { field: 'from', detail: 'is later than to ("2026-05-06" to "2026-05-05"). Swap them.' },
    ]);
  });

  it('bounds what one question may hold', () => {
    expect(mistakesOf({ user: Array.from({ length: 101 }, (_, index) => `u${index}`) })[0]?.detail).toContain(
      'at most 100',
    );
    expect(mistakesOf({ user: 'x'.repeat(257) })[0]?.detail).toContain('longer than 256');
    expect(mistakesOf({ url: '/a*b'.repeat(11) })[0]?.detail).toContain('at most 10');
    expect(mistakesOf({ user: 'a\nb' })[0]?.detail).toContain('control character');
  });

  it('never repeats a secret that was written in the wrong place', () => {
    const text = JSON.stringify(mistakesOf({ from: 'sluice_a1b2_Zm9vYmFyYmF6', ip: 'Bearer abcdefghijk' }));
    expect(text).not.toContain('Zm9vYmFyYmF6');
    expect(text).not.toContain('abcdefghijk');
  });

  it('is not fooled by names every object has', () => {
    expect(mistakesOf(JSON.parse('{"__proto__":"x","constructor":"y"}')).map(({ field }) => field)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });
});

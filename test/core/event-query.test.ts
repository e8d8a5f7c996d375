import { describe, expect, it } from 'vitest';
import { readEventQuery } from '../../shared/core/event-query.ts';

const clock = { nowMs: Date.parse('2026-05-05T12:00:00Z'), asOf: () => 0 };
const read = (written: Readonly<Record<string, unknown>>) => readEventQuery(written, clock);

describe('a question as a caller writes it', () => {
  const text = (field: string, ...parts: readonly string[]) => ({ kind: 'text', field, parts });
  const sevenDaysBefore = '2026-04-28T12:00:00.000000000Z';
  const ofDay = (day: string) => ({
    kind: 'time',
    field: '@timestamp',
    from: `${day}T00:00:00.000000000Z`,
    to: `${day}T23:59:59.999999999Z`,
  });
  const oauth = text('url.full', '', 'oauth', '');

  it.each([
    [
      { q: 'url.full: "*oauth*" and @timestamp >= now-7d' },
      { question: { kind: 'and', of: [oauth, { kind: 'time', field: '@timestamp', from: sevenDaysBefore }] } },
    ],
    [
      { q: 'url.full: "*oauth*"', from: 'now-7d' },
      { question: oauth, from: sevenDaysBefore },
    ],
    [{ q: 'url.full: "http*oauth*"' }, { question: text('url.full', 'http', 'oauth', '') }],
    [
      { q: '(url.full: *x and @timestamp: 2026-05-04) or (user.id: *y and @timestamp: 2026-05-05)' },
      {
        question: {
          kind: 'or',
          of: [
            { kind: 'and', of: [text('url.full', '', 'x'), ofDay('2026-05-04')] },
            { kind: 'and', of: [text('user.id', '', 'y'), ofDay('2026-05-05')] },
          ],
        },
      },
    ],
  ])('%j may be asked', (written, filter) => {
    expect(read(written).filter).toEqual({ q: written.q, ...filter });
  });

  it('says which fields, each once, and in which form', () => {
    expect(read({ fields: 'user, event.action,user', format: 'csv' })).toMatchObject({
      fields: ['user', 'event.action'],
      format: 'csv',
    });
  });

  it.each([
    [{ q: 'url.full: "*oauth*"' }, 'q: asks url.full for a value that begins with a star, of all times.'],
    [{ q: 'url.full: *x or @timestamp: 2026-05-05' }, 'of all times'],
    [{ q: 'url.full: *x', to: 'now' }, 'of all times'],
    [{ format: 'xml' }, 'format: must be one of json, ndjson, ecs-flat, csv, ocsf, cef; got "xml".'],
    [{ fields: 'user.nam' }, 'fields: names "user.nam", which is no field. Did you mean user.name?'],
    [{ fields: 'user.id', format: 'cef' }, 'is not for cef'],
    [{ q: ['user.id: a', 'user.id: b'] }, 'q: is given more than once. Give it once.'],
    [
      { q: 'user.id:', limit: '0' },
      'limit: must be a whole number from 1 to 1000; got "0". q: Column 9: expected a value',
    ],
  ])('%j is answered with every mistake', (written, sentence) => {
    expect(() => read(written)).toThrow(sentence);
  });
});

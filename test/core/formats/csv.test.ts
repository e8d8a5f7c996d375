import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldReader } from '../../../shared/core/field-value.ts';
import { csvHeader, csvLine, usualColumns } from '../../../shared/core/formats/csv.ts';
import { readSample, sampleHits } from '../../support/sample-hits.ts';

const [event] = sampleHits().map((hit) => readSample(hit, '2026-05-05T12:00:00.000Z').event);
if (!event) throw new Error('no samples');

const lineOf = (message: string, columns: readonly string[] = ['message']) =>
  csvLine({ ...event, message }, columns.map(fieldReader));

describe('events as CSV', () => {
  it('have a header, and a line each that is ended by CRLF', () => {
    expect(csvHeader(['@timestamp', 'event.action'])).toBe('@timestamp,event.action\r\n');
    expect(lineOf('ok', ['event.action', 'http.response.status_code', 'user.roles', 'user.name', 'message'])).toBe(
      `${event.event.action},${event.http?.response?.status_code},${event.user?.roles?.join(';')},,ok\r\n`,
    );
  });

  it('quote what holds a comma, a quote or a line break', () => {
    expect(lineOf('a,"b"\nc')).toBe('"a,""b""\nc"\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\0=1', '＝1+1', '＋1', '－1', '＠SUM(A1)', '"=1'])(
    'never begin a cell with what runs as a formula: %j',
    (text) => {
      expect(lineOf(text).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  it.each([
    ['a;=1+1', "a;'=1+1"],
    ['=1;@2;;-3', "'=1;'@2;;'-3"],
    ['a;"=1"', `"a;'""=1"""`],
    ['a\t+1', "a\t'+1"],
    ['a\r\n=1', `"a\r\n'=1"`],
    ['a;＝1', "a;'＝1"],
    ['a; b-c;d=e;1', 'a; b-c;d=e;1'],
    ['http://h/p?a=b;c=d', 'http://h/p?a=b;c=d'],
  ])('nor one that is cut at another sign than the comma: %j', (text, cell) => {
    expect(lineOf(text)).toBe(`${cell}\r\n`);
  });

  it('guard each value of a list, and no number', () => {
    const lists = {
      ...event,
      user: { roles: ['a', '=HYPERLINK("http://evil.example")', '-1', 'b'] },
      closer: { n: -5 },
    };
    expect(csvLine(lists, ['user.roles', 'closer.n'].map(fieldReader))).toBe(
      `"a;'=HYPERLINK(""http://evil.example"");'-1;b",-5\r\n`,
    );
  });

  it('begin no cell with a formula wherever a spreadsheet cuts, whatever the text', () => {
    const sign = fc.constantFrom('=', '+', '-', '@', '＝', '＠', ';', '\t', '\r', '\n', '"', "'", ',', 'a', ' ');
    const text = fc.array(sign, { maxLength: 12 }).map((signs) => signs.join(''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (roles) => {
        const line = csvLine({ ...event, user: { roles } }, [fieldReader('user.roles')]).slice(0, -2);
        const whole = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
        const cells = [whole, ...line.split(/[;\t\r\n]/).slice(1), ...whole.split(/[;\t\r\n]/)];
        for (const cell of cells) expect(cell).not.toMatch(/^"*[=+\-@＝＋－＠]/);
        expect(whole.replaceAll("'", '')).toBe(roles.join(';').replaceAll("'", ''));
      }),
    );
  });

  it('show the usual columns of every event', () => {
    expect(csvLine(event, usualColumns.map(fieldReader)).split(',').length).toBeGreaterThanOrEqual(usualColumns.length);
  });
});

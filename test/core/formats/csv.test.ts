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

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'never begin a cell with what runs as a formula: %j',
    (text) => {
      expect(lineOf(text).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  it('show the usual columns of every event', () => {
    expect(csvLine(event, usualColumns.map(fieldReader)).split(',').length).toBeGreaterThanOrEqual(usualColumns.length);
  });
});

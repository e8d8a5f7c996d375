/**
 * Events as CSV (RFC 4180), for spreadsheets and notebooks: one line per event, ended by CRLF, texts quoted where they must be.
 *
 * A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a return) gets an apostrophe in front of
 * it, which spreadsheets hide: what an attacker wrote into a log must not run on an analyst's desk.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
import type { EcsEvent } from '../event.ts';

/** What a table of events shows unless other fields are named. */
export const usualColumns: readonly string[] = [
  '@timestamp',
  'event.action',
  'event.outcome',
  'event.category',
  'event.type',
  'user.id',
  'user.email',
  'user.roles',
  'user.target.id',
  'organization.id',
  'source.ip',
  'http.request.method',
  'http.response.status_code',
  'url.full',
  'message',
  'event.id',
];

/** Names of fields are ours: nobody can write a formula into them, and a notebook wants them as they are. */
export const csvHeader = (columns: readonly string[]): string => `${columns.map(quotedIfNeeded).join(',')}\r\n`;

/** @param read the event's value of each column, in their order */
export const csvLine = (event: EcsEvent, read: readonly ((event: EcsEvent) => unknown)[]): string =>
  `${read.map((each) => cell(each(event))).join(',')}\r\n`;

const cell = (value: unknown): string => {
  const text = textOf(value);
  return quotedIfNeeded(typeof value === 'number' || !/^[=+\-@\t\r\n]/.test(text) ? text : `'${text}`);
};

const quotedIfNeeded = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Lists are joined by semicolons; what is neither text, number nor boolean is written as JSON. */
const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return (value as readonly unknown[]).map(textOf).join(';');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

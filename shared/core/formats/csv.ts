/**
 * Events as CSV (RFC 4180), for spreadsheets and notebooks: one line per event, ended by CRLF, texts quoted where they must be.
 *
 * What a spreadsheet would take for a formula gets an apostrophe in front of it, which spreadsheets hide: what an attacker wrote into a log must
 * not run on an analyst's desk. A formula begins with `=`, `+`, `-` or `@`, full-width ones too, at the beginning of a cell; and where decimals
 * are written with a comma, spreadsheets cut cells at semicolons, so one begins behind each semicolon, tab and line break of a text as well.
 * A list is joined by semicolons, so each of its values is guarded.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
import type { EcsEvent } from '../event.ts';

/** The columns of a table of events, unless other fields are named. */
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

/** The header needs no apostrophes: field names are ours, so nobody can write a formula into them. */
export const csvHeader = (columns: readonly string[]): string => `${columns.map(quotedIfNeeded).join(',')}\r\n`;

/** @param read the event's value of each column, in their order */
export const csvLine = (event: EcsEvent, read: readonly ((event: EcsEvent) => unknown)[]): string =>
  `${read.map((each) => cell(each(event))).join(',')}\r\n`;

const cell = (value: unknown): string => {
  const text = textOf(value);
  return quotedIfNeeded(typeof value === 'number' ? text : guarded(text));
};

/** Quotes in front of the sign are no protection: a spreadsheet may take them for those around a cell. */
const guarded = (text: string): string =>
  text.replace(/^(?=[\t\r\n\0]|"*[=+\-@＝＋－＠])|(?<=[;\t\r\n])(?="*[=+\-@＝＋－＠])/g, "'");

const quotedIfNeeded = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Lists are joined by semicolons; a value that is neither text, number nor boolean is written as JSON. */
const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return (value as readonly unknown[]).map(textOf).join(';');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

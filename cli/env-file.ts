import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { WrongUsage } from './wrong-usage.ts';

/**
 * The settings in a file of lines `NAME=value`; comments, `export`, and quoted values over several lines are as Node reads them.
 * @param path absolute
 * @throws WrongUsage when the file cannot be read, is no text in UTF-8, or has a line of another form; no value is repeated
 * @see https://nodejs.org/docs/latest-v24.x/api/util.html#utilparseenvcontent
 */
export const readEnvFile = (path: string): Readonly<Record<string, string | undefined>> => {
  const text = textIn(path);
  const wrong = firstWrongLine(text.split(/\r?\n/));
  if (wrong !== undefined)
    throw new WrongUsage(`--env-file ${path}, line ${wrong}, is not NAME=value. Write for example: SLUICE_TENANT=acme`);
  return parseEnv(text);
};

const textIn = (path: string): string => {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new WrongUsage(`--env-file ${path} cannot be read (${reason}). Check the path and its permissions.`, {
      cause,
    });
  }
  const text = decoded(bytes);
  if (text === undefined || text.includes('\0'))
    throw new WrongUsage(`--env-file ${path} is not a text in UTF-8. Save it as UTF-8, one NAME=value a line.`);
  return text;
};

/** Without a byte order mark; `undefined` for what is no UTF-8, such as UTF-16. */
const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Counted from 1. */
const firstWrongLine = (lines: readonly string[]): number | undefined => {
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const value = /^(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(.*)$/.exec(line)?.[1];
    if (value === undefined) return at + 1;
    at = lastLineOf(value, at, lines);
  }
  return undefined;
};

/** A value in quotes may go on to the line that holds the closing one. */
const lastLineOf = (value: string, at: number, lines: readonly string[]): number => {
  const [quote = ''] = /^["'`]/.exec(value) ?? [];
  if (quote === '' || value.indexOf(quote, 1) > 0) return at;
  const end = lines.findIndex((line, number) => number > at && line.includes(quote));
  return end === -1 ? at : end;
};

import type { Setting } from '../shared/config/setting.ts';
import { settings } from '../shared/config/setting-list.ts';

const begin = '<!-- settings: written by npm run docs:settings -->';
const end = '<!-- /settings -->';

/** The settings as a table in Markdown, from the same definition that reads them. */
export const settingsTable = (): string => {
  const rows = Object.entries<Setting<unknown>>(settings).map(([name, setting]) =>
    row([
      `\`SLUICE_${name}\``,
      unitOf(setting),
      setting.default,
      setting.allowed,
      setting.consequence,
      `\`${setting.example}\``,
    ]),
  );
  return [
    row(['setting', 'value', 'default', 'allowed', 'what it does', 'example']),
    row(Array(6).fill('---')),
    ...rows,
  ].join('\n');
};

const unitOf = ({ type, unit }: Setting<unknown>): string => (unit ? `${type}, ${unit}` : type);

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/**
 * The text with the table between its two markers.
 * @throws Error when the markers are not there
 */
export const withSettingsTable = (markdown: string): string => {
  const from = markdown.indexOf(begin);
  const to = markdown.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The text must hold "${begin}" and, after it, "${end}".`);
  return `${markdown.slice(0, from + begin.length)}\n\n${settingsTable()}\n\n${markdown.slice(to)}`;
};

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settingsTable, withSettingsTable } from '../../cli/settings-table.ts';
import { settings } from '../../shared/config/setting-list.ts';

it('is in README.md as the settings are now; otherwise run: npm run docs:settings', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(withSettingsTable(readme));
});

it('has one row for each setting, with every column filled', () => {
  const [, , ...rows] = settingsTable().split('\n');
  expect(rows.map((line) => line.split('`')[1])).toEqual(Object.keys(settings).map((name) => `SLUICE_${name}`));
  for (const line of rows) expect(line).not.toMatch(/\|\s*\|/);
});

it('needs its markers, so that it never lands somewhere else', () => {
  expect(() => withSettingsTable('# Sluice')).toThrow('<!-- settings: written by npm run docs:settings -->');
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSubscriptions, readTenants } from '../../shared/config/config-files.ts';
import { WrongSettings } from '../../shared/config/settings.ts';
import { unattributed } from '../../shared/core/event.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const evidence = { index: 'closer', organizations: [], users: ['u-1'], emails: [] };
const webhook = { type: 'webhook', url: 'https://hooks.acme.example/canary' };

describe('tenants', () => {
  it('are one, for a source of its own', () => {
    const tenants = readTenants({ tenants: { kind: 'one', id: 'acme' } });
    expect(tenants.ids).toEqual(['acme']);
    expect(tenants.attribute(evidence)).toBe('acme');
  });

  it('are none without a setting, and then no event belongs to anybody', () => {
    const tenants = readTenants({ tenants: { kind: 'none' } });
    expect(tenants.ids).toBeUndefined();
    expect(tenants.attribute(evidence)).toBe(unattributed);
  });

  it('come from the directory', () => {
    const path = file('tenants.json', '[{ "id": "acme", "users": ["u-1"] }]');
    const tenants = readTenants({ tenants: { kind: 'directory', path } });
    expect(tenants.ids).toEqual(['acme']);
    expect(tenants.attribute(evidence)).toBe('acme');
  });

  it('name the setting, the file and what to do when the directory cannot be read', () => {
    const read = (path: string) => () => readTenants({ tenants: { kind: 'directory', path } });
    expect(read(join(folder, 'missing.json'))).toThrow(
      `SLUICE_TENANTS_FILE is ${join(folder, 'missing.json')}: there is no such file. Correct the path.`,
    );
    expect(read(folder)).toThrow('it cannot be read (EISDIR)');
    expect(read(file('empty.json', '[]'))).toThrow(WrongSettings);
  });
});

describe('subscriptions', () => {
  const read = (text: string, ids?: readonly string[]) =>
    readSubscriptions(
      { subscriptionsFile: file('subs.json', text), allowPrivateTargets: [] },
      { ids },
      { cwd: '/srv' },
    );

  it('are none without a file', () => {
    expect(
      readSubscriptions({ subscriptionsFile: undefined, allowPrivateTargets: [] }, { ids: [] }, { cwd: '/' }),
    ).toEqual([]);
  });

  it('are those of the file, for tenants of the directory', () => {
    const text = JSON.stringify([{ id: 'a', tenant: 'acme', destination: webhook }]);
    expect(read(text, ['acme'])).toHaveLength(1);
    expect(() => read(text, ['other'])).toThrow('[0].tenant: is no tenant of the directory');
  });

  it('name the place of a slip in the JSON, without quoting the text around it', () => {
    expect(() => read('[\n  { "url": "https://hooks.acme.example/canary", }\n]')).toThrow(
      /it is not JSON \(line 2 column \d+\)\. Correct the file\.$/,
    );
    expect(() => read('canary')).toThrow(/it is not JSON\. Correct the file\.$/);
  });
});

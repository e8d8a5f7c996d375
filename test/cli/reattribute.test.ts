/** The commands an operator types after the tenant directory has changed, and what status then says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { expectNoCanary } from '../support/canaries.ts';
import { sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const directory: readonly { readonly id: string }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../samples/tenants.json'), 'utf8'),
);

/** Knows of aurora alone at first; baltic and an operator subscribe. */
const aPlace = async () => {
  const cwd = await temporaryFolder();
  const know = (...ids: readonly string[]) =>
    writeFileSync(join(cwd, 'tenants.json'), JSON.stringify(directory.filter(({ id }) => ids.includes(id))));
  const subscribe = (...tenants: readonly string[]) =>
    writeFileSync(
      join(cwd, 'subscriptions.json'),
      JSON.stringify(
        tenants.map((tenant) => ({
          id: tenant === '*' ? 'operator' : tenant,
          tenant,
          start: 'beginning',
          destination: { type: 'folder', path: `out/${tenant === '*' ? 'operator' : tenant}` },
        })),
      ),
    );
  const env = { SLUICE_TENANTS_FILE: 'tenants.json', SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' };
  const run = (...words: readonly string[]) => sluice(words, { cwd, env });
  const received = async (who: string): Promise<readonly string[]> => {
    const folder = join(cwd, 'out', who);
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ndjson.gz'));
    const texts = await Promise.all(
      files.map(async (name) => gunzipSync(await readFile(join(folder, name))).toString()),
    );
    for (const text of texts) expectNoCanary(text);
    return texts.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line).event.id);
  };
  return { cwd, know, subscribe, run, received };
};

describe('sluice reattribute', () => {
  it('brings what nobody owned to the tenant that the directory names now; run again it does nothing', async () => {
    const { know, subscribe, run, received } = await aPlace();
    know('aurora');
    subscribe('aurora', '*');
    await run('pull');
    await run('deliver');
    know('aurora', 'baltic', 'cobalt');
    subscribe('aurora', 'baltic', '*');

    const first = await run('reattribute', '--json');
    expect(first.code).toBe(0);
    const line = JSON.parse(first.stdout);
    expect(line).toMatchObject({
      source: 'samples',
      result: 'done',
      byTenant: { baltic: 49 },
      undecided: 0,
      expired: 0,
    });
    const again = await run('reattribute');
    expect(again.stdout).toMatch(
      /^samples: looked again at \d+ events? of no known tenant: none has an owner now\.\n$/,
    );

    expect((await run('deliver')).code).toBe(0);
    const baltic = await received('baltic');
    expect(baltic).toHaveLength(49);
    expect(new Set(baltic).size).toBe(49);
    expect(await received('operator')).toHaveLength(150);
    expect((await received('aurora')).some((id) => baltic.includes(id))).toBe(false);

    const status = await run('status');
    expect(status.code).toBe(0);
    expect(status.stdout).toContain(
      `150 events in 2 segments, 3 of no known tenant (${line.attributed} attributed later)`,
    );
    expect(status.stdout).toContain(
      'baltic: active, caught up; 49 delivered, 0 filtered out, 0 dead letters, of 49 journaled',
    );
  });

  it('says so when no tenant is known at all', async () => {
    const cwd = await temporaryFolder();
    const env = { SLUICE_SOURCE_URL: 'file:log.ndjson' };
    writeFileSync(join(cwd, 'log.ndjson'), '');
    const { code, stderr } = await sluice(['reattribute'], { cwd, env });
    expect(code).toBe(0);
    expect(stderr).toContain(
      'No tenant is known: set SLUICE_TENANT or SLUICE_TENANTS_FILE, or write one with npx sluice tenants put.',
    );
  });
});

describe('sluice status', () => {
  it('ends with 1 and names the subscription whose account does not add up, and by how much', async () => {
    const { cwd, know, subscribe, run } = await aPlace();
    know('aurora', 'baltic', 'cobalt');
    subscribe('aurora', 'baltic');
    await run('pull');
    await run('deliver');
    const database = new DatabaseSync(join(cwd, '.sluice/state.sqlite'));
    database.exec("UPDATE record SET value = json_set(value, '$.counts.delivered', 47) WHERE id = 'baltic'");
    database.close();
    const wrong =
      'The account of subscription "baltic" does not add up: 49 journaled for it, 47 delivered + 0 filtered + 0 dead letters = 47, 2 too few.';
    const prose = await run('status');
    expect(prose.code).toBe(1);
    expect(prose.stderr).toContain(`Error: ${wrong}`);
    expect(prose.stdout).toContain('aurora: active, caught up; 55 delivered');
    const json = await run('status', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).problems).toEqual([expect.stringContaining(wrong)]);
  });
});

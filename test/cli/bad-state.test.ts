/** Damaged state and journals on a real SQLite file and a real folder, met and mended by the commands as they are typed. */
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type SluiceOptions, sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Each case is up to ten processes, and the first one makes what the others copy.
vi.setConfig({ testTimeout: 90_000 });

const samples = join(import.meta.dirname, '../../samples');
const state = '.sluice/state.sqlite';

const env = {
  SLUICE_SOURCE_URL: 'file:log.ndjson',
  SLUICE_TENANTS_FILE: join(samples, 'tenants.json'),
  SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
};

const subscription = { id: 'operator', tenant: '*', start: 'beginning', batch: { maxEvents: 10 } };

const lines: readonly string[] = readFileSync(join(samples, 'samples.ndjson'), 'utf8').trim().split('\n');

/** A log of which a part was pulled, delivered and signed, in three segments: made once, copied for each case. */
let template: Promise<string> | undefined;

const makeTemplate = async (): Promise<string> => {
  const cwd = await mkdtemp(join(tmpdir(), 'sluice-bad-state-'));
  const destination = { type: 'folder', path: 'out' };
  await writeFile(join(cwd, 'subscriptions.json'), JSON.stringify([{ ...subscription, destination }]));
  for (const upTo of [50, 75, 100]) {
    await writeFile(join(cwd, 'log.ndjson'), `${lines.slice(0, upTo).join('\n')}\n`);
    for (const words of [['pull'], ['deliver'], ['head']]) await succeeds(words, { cwd, env });
  }
  return cwd;
};

afterAll(async () => {
  if (template) await rm(await template, { recursive: true, force: true });
});

const succeeds = async (words: readonly string[], place: SluiceOptions) => {
  const ended = await sluice(words, place);
  expect({ words, code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
    words,
    code: 0,
    stderr: '',
  });
  return ended;
};

const aPlace = async (): Promise<SluiceOptions & { readonly path: (name: string) => string }> => {
  const cwd = await temporaryFolder();
  template ??= makeTemplate();
  await cp(await template, cwd, { recursive: true });
  return { cwd, env, path: (name) => join(cwd, name) };
};

type Place = Awaited<ReturnType<typeof aPlace>>;

/** Each command ends with 1 and says this, prints no result and no stack. */
const expectRefused = async (
  place: SluiceOptions,
  commands: readonly string[],
  ...words: readonly (string | RegExp)[]
) => {
  // None of them may change anything, so they may run at once.
  const all = await Promise.all(commands.map(async (command) => ({ command, ...(await sluice([command], place)) })));
  for (const { command, code, stdout, stderr } of all) {
    expect({ command, code, stdout }).toEqual({ command, code: 1, stdout: '' });
    expect(stderr).not.toMatch(/^\s+at |a mistake in Sluice/m);
    for (const word of words) expect(stderr).toMatch(word);
  }
};

/** What the rest of the log brings arrives too: all in all every event, and none twice unless `repeats` says so. */
const expectWhole = async (place: Place, repeats: 'nothing twice' | 'some twice' = 'nothing twice'): Promise<void> => {
  await writeFile(place.path('log.ndjson'), `${lines.join('\n')}\n`);
  await succeeds(['pull'], place);
  await succeeds(['deliver'], place);
  await succeeds(['status'], place);
  const files = (await readdir(place.path('out'), { recursive: true })).filter((name) => name.endsWith('.ndjson.gz'));
  const texts = await Promise.all(files.map(async (name) => gunzipSync(await readFile(place.path(join('out', name))))));
  const ids = texts.flatMap((text) =>
    text
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event.id),
  );
  const expected = lines.map((line) => JSON.parse(line)).map(({ _index, _id }) => `${_index}/${_id}`);
  expect([...new Set(ids)].sort()).toEqual([...expected].sort());
  if (repeats === 'nothing twice') expect(ids).toHaveLength(expected.length);
};

const moveAway = async (place: Place): Promise<void> => {
  for (const suffix of ['', '-wal', '-shm'])
    await rename(place.path(`${state}${suffix}`), place.path(`damaged${suffix}`)).catch(ifMissing);
};

const ifMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};

describe('a state file that is damaged is refused by name, kept as it is, and made anew when it was moved away', () => {
  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['overwritten with garbage', (path) => writeFile(path, 'no database '.repeat(2000)), /is not a SQLite database/],
    ['half a file', (path) => truncate(path, 8192), /is damaged/],
    ['cut within its first page', (path) => truncate(path, 100), /is (damaged|not a SQLite database)/],
    ['empty', (path) => truncate(path, 0), /is empty: its content was lost/],
    ['a folder', (path) => rm(path).then(() => mkdir(path)), /is a folder/],
  ])('%s', async (_, spoil, message) => {
    const place = await aPlace();
    await spoil(place.path(state));
    await expectRefused(place, ['pull', 'rebuild-checkpoint'], /State file .*state\.sqlite /, message);
    await moveAway(place);
    await expectRefused(place, ['deliver'], 'npx sluice rebuild-checkpoint');
    const { stderr } = await succeeds(['rebuild-checkpoint'], place);
    expect(stderr).toContain('go on where the head signed at');
    await expectWhole(place);
  });

  it('gone, but its log is still there: the old log is not played into a new file', async () => {
    const place = await aPlace();
    const database = new DatabaseSync(place.path(state));
    database.exec("UPDATE record SET version = version + 1 WHERE partition = 'wake'");
    await cp(place.path(`${state}-wal`), place.path('kept-wal'));
    database.close();
    await rename(place.path(state), place.path('damaged'));
    await rename(place.path('kept-wal'), place.path(`${state}-wal`));
    await expectRefused(place, ['pull', 'rebuild-checkpoint'], /is missing, but .*state\.sqlite-wal is there/);
    await rename(place.path(`${state}-wal`), place.path('damaged-wal'));
    await succeeds(['rebuild-checkpoint'], place);
    await expectWhole(place);
  });

  it('read-only: nothing is sent that could not be recorded, and it goes on when it may be written', async () => {
    const place = await aPlace();
    const asUser = { ...place, entry: './sluice-as-nobody.ts' };
    await writeFile(place.path('log.ndjson'), `${lines.join('\n')}\n`);
    await chmod(place.cwd, 0o755);
    await chmod(place.path('.sluice'), 0o555);
    await chmod(place.path(state), 0o444);
    await expectRefused(asUser, ['pull', 'deliver'], /State file .*state\.sqlite (is read-only|cannot be opened)/);
    await chmod(place.path('.sluice'), 0o700);
    await chmod(place.path(state), 0o600);
    await expectWhole(place);
  });
});

describe('a record of the state that is damaged is refused by name, and made anew', () => {
  it.each<[string, string, RegExp]>([
    ['checkpoint', 'pull', /The checkpoint of source "log" in SQLite .*state\.sqlite cannot be read/],
    ['subscription', 'deliver', /The state of subscription "operator" in SQLite .*state\.sqlite cannot be read/],
  ])('%s: no JSON any more', async (partition, command, message) => {
    const place = await aPlace();
    const database = new DatabaseSync(place.path(state));
    database.prepare('UPDATE record SET value = substr(value, 1, 20) WHERE partition = ?').run(partition);
    database.close();
    await expectRefused(place, [command], message, 'npx sluice rebuild-checkpoint');
    expect((await sluice(['status'], place)).code).toBe(1);
    await succeeds(['rebuild-checkpoint'], place);
    await expectWhole(place);
  });

  it('an old backup of the file: pull goes on from it, a delivery does not repeat what was signed', async () => {
    const place = await aPlace();
    const backup = await readFile(place.path(state));
    await writeFile(place.path('log.ndjson'), `${lines.slice(0, 120).join('\n')}\n`);
    for (const words of [['pull'], ['deliver'], ['head']]) await succeeds(words, place);
    await rm(place.path(`${state}-wal`), { force: true });
    await writeFile(place.path(state), backup);
    await succeeds(['pull'], place);
    await expectRefused(
      place,
      ['deliver'],
      /The state of subscription "operator" .* is older \(sequence \d+\) than the head signed at .* \(sequence \d+\): was an old backup restored\?/,
      'npx sluice rebuild-checkpoint',
    );
    const { stderr } = await succeeds(['rebuild-checkpoint'], place);
    expect(stderr).toMatch(
      /go on where the head signed at .* saw them, and repeat what was delivered since: operator\./,
    );
    await expectWhole(place);
  });
});

describe('a journal that is damaged stops everybody who needs the part, by the name of the file', () => {
  const manifest = (seq: number): string => `.sluice/journal/manifests/log/${String(seq).padStart(12, '0')}.json`;

  it('a manifest is missing: nothing takes its place, and it may be put back', async () => {
    const place = await aPlace();
    await rename(place.path(manifest(2)), place.path('kept.json'));
    await writeFile(place.path('log.ndjson'), `${lines.join('\n')}\n`);
    await expectRefused(
      place,
      ['pull', 'status', 'rebuild-checkpoint'],
      /manifests\/log\/000000000002\.json is missing/,
    );
    expect(await readdir(place.path('.sluice/journal/manifests/log'))).not.toContain('000000000002.json');
    await rename(place.path('kept.json'), place.path(manifest(2)));
    await expectWhole(place);
  });

  it('without a backup it is cut there: what followed is read from the source again', async () => {
    const place = await aPlace();
    await rm(place.path(manifest(2)));
    await expectRefused(
      place,
      ['pull'],
      /move the manifests, segments and heads from number 2 on away and run: npx sluice rebuild-checkpoint/,
    );
    await rename(place.path(manifest(3)), place.path('away.json'));
    const { stderr } = await succeeds(['rebuild-checkpoint'], place);
    expect(stderr).toContain('knows 2 segments more than the journal holds');
    expect(stderr).toContain('Move the heads from number 2 on away');
    await expectWhole(place, 'some twice');
    const heads = '.sluice/journal/heads/log';
    await mkdir(place.path('away'));
    for (const name of (await readdir(place.path(heads))).filter((each) => each >= '000000000002'))
      await rename(place.path(join(heads, name)), place.path(join('away', name)));
    for (const command of ['head', 'verify']) await succeeds([command], place);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['deleted', (path) => rm(path)],
    ['overwritten', (path) => writeFile(path, 'noise'.repeat(50))],
  ])('the newest segment was %s: what doctor and pull say mends all of it', async (_, spoil) => {
    const place = await aPlace();
    const journal = (part: string): string => place.path(`.sluice/journal/${part}/log`);
    const newest = (await readdir(journal('segments'))).toSorted().at(-1) ?? '';
    await spoil(join(journal('segments'), newest));
    const remedy =
      'move the manifests, segments and heads from number 3 on away and run: npx sluice rebuild-checkpoint';
    expect((await sluice(['doctor'], place)).stdout).toContain(remedy);
    await expectRefused(place, ['pull'], new RegExp(remedy));
    await mkdir(place.path('away'));
    for (const part of ['manifests', 'segments', 'heads'])
      for (const name of (await readdir(journal(part))).filter((each) => each >= '000000000003'))
        await rename(join(journal(part), name), place.path(join('away', `${part}-${name}`)));
    await succeeds(['rebuild-checkpoint'], place);
    await expectWhole(place, 'some twice');
    for (const command of ['reconcile', 'head', 'verify', 'doctor']) await succeeds([command], place);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['cut off', (path) => truncate(path, 200)],
    ['altered', async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"count":25', '"count":24'))],
  ])('a manifest was %s', async (_, spoil) => {
    const place = await aPlace();
    const whole = await readFile(place.path(manifest(3)));
    await spoil(place.path(manifest(3)));
    await expectRefused(place, ['pull', 'rebuild-checkpoint'], /manifests\/log\/000000000003\.json is not/);
    await writeFile(place.path(manifest(3)), whole);
    await expectWhole(place);
  });

  it('a segment was cut off: its events wait, and are delivered when it is restored', async () => {
    const place = await aPlace();
    await rm(place.path('out'), { recursive: true });
    const all = [{ ...subscription, id: 'again', destination: { type: 'folder', path: 'out' } }];
    await writeFile(place.path('subscriptions.json'), JSON.stringify(all));
    const folder = '.sluice/journal/segments/log';
    const name = (await readdir(place.path(folder))).find((each) => each.startsWith('000000000002-')) ?? '';
    const whole = await readFile(place.path(join(folder, name)));
    await truncate(place.path(join(folder, name)), whole.length - 50);
    const failed = await sluice(['deliver'], place);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/segments\/log\/000000000002-.* of segment 2 is cut off/);
    await writeFile(place.path(join(folder, name)), whole);
    await expectWhole(place);
  });
});

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import { type SluiceOptions, sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const samples = join(import.meta.dirname, '../../samples');

/** The sample log pulled and delivered to a folder. */
const aPlace = async (): Promise<SluiceOptions> => {
  const cwd = await temporaryFolder();
  const subscription = {
    id: 'aurora-files',
    tenant: 'aurora',
    start: 'beginning',
    destination: { type: 'folder', path: 'out' },
  };
  writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify([subscription]));
  const env = {
    SLUICE_SOURCE_URL: `file:${join(samples, 'samples.ndjson')}`,
    SLUICE_TENANTS_FILE: join(samples, 'tenants.json'),
    SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
  };
  const place = { cwd, env };
  for (const words of [['pull'], ['deliver']]) expect((await sluice(words, place)).code).toBe(0);
  return place;
};

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(json|gz)$/.test(name));

describe('sluice verify', { timeout: 60_000 }, () => {
  it('says what was checked and what no signature vouches for, and ends with 0', async () => {
    const place = await aPlace();
    const secrets = join(place.cwd, '.sluice/secrets.json');
    renameSync(secrets, `${secrets}.away`);
    const unsigned = await sluice(['verify'], place);
    expect(unsigned).toMatchObject({ code: 0, stderr: expect.stringContaining('own root key can check no signature') });
    renameSync(`${secrets}.away`, secrets);
    expect(unsigned.stdout).toMatch(
      /^Intact: journal of source "samples" in .*: 1 segment, 150 events from 2021-05-05T09:27:12Z to .*; NO SIGNED HEAD/,
    );
    expect((await sluice(['head'], place)).code).toBe(0);
    const signed = await sluice(['verify'], place);
    expect(signed.stdout).toMatch(/1 signed head of key [\w-]{43}, the newest of .* covers all$/m);
    const json = await sluice(['verify', '--json'], place);
    expect(JSON.parse(json.stdout)).toMatchObject({
      intact: true,
      segments: 1,
      events: 150,
      heads: { good: 1, attested: 1 },
    });
  });

  it('names the first break and ends with 1', async () => {
    const place = await aPlace();
    const journal = join(place.cwd, '.sluice/journal');
    const [object = ''] = filesBelow(join(journal, 'segments'));
    const path = join(journal, 'segments', object);
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    rmSync(path);
    writeFileSync(path, bytes);
    const { code, stdout } = await sluice(['verify'], place);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(
        `^Broken: segments/${object} \\(altered, from number 1 on\\): expected sha256 \\w{64}; found \\d+ bytes of sha256`,
      ),
    );
    const json = await sluice(['verify', '--json'], place);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      intact: false,
      break: { kind: 'altered', place: `segments/${object}`, from: 1 },
    });
  });

  it('takes a head that was kept elsewhere for a witness', async () => {
    const place = await aPlace();
    const { stdout } = await sluice(['head', '--json'], place);
    writeFileSync(join(place.cwd, 'kept.json'), stdout);
    const journal = join(place.cwd, '.sluice/journal');
    for (const folder of ['heads', 'manifests', 'segments']) rmSync(join(journal, folder), { recursive: true });
    const { code, stdout: said } = await sluice(['verify', '--head', 'kept.json'], place);
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringContaining('expected segments up to 1, as signed in kept.json; found no segment'),
    });
    const nobodys = stdout.replace('"seq":1', '"seq":2');
    writeFileSync(join(place.cwd, 'forged.json'), nobodys);
    expect(await sluice(['verify', '--head', 'forged.json'], place)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no witness: its signature is not that of key'),
    });
  });

  it('needs the public keys alone, from a file or from where they are served', async () => {
    const place = await aPlace();
    await sluice(['head'], place);
    const { stdout: keys } = await sluice(['head', '--keys'], place);
    writeFileSync(join(place.cwd, 'keys.json'), keys);
    const server = createServer((_, response) => void response.end(keys));
    onTestFinished(() => void server.close());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const elsewhere = { ...place, env: { ...place.env, SLUICE_SECRETS: 'file:nowhere.json' } };
    for (const given of ['keys.json', `http://127.0.0.1:${port}/.well-known/sluice-keys.json`]) {
      const { code, stdout } = await sluice(['verify', '--keys', given], elsewhere);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('1 signed head of key') });
    }
    const without = await sluice(['verify'], elsewhere);
    expect({ code: without.code, stdout: without.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('SIGNATURES NOT CHECKED, for want of a key (--keys): 1 head'),
    });
    writeFileSync(join(place.cwd, 'other.json'), JSON.stringify(signingKeysOf({ current: 'o'.repeat(32) }).keySet));
    const wrong = await sluice(['verify', '--keys', 'other.json'], elsewhere);
    expect({ code: wrong.code, stdout: wrong.stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining('(not as signed, from number 1 on)'),
    });
  });

  it('checks the folder of a destination, and says what no digest vouches for yet', async () => {
    const place = await aPlace();
    const { code, stdout } = await sluice(['verify', '--folder', 'out'], place);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Intact: folder .*out.*NO DIGEST: nothing vouches for these objects; \d+ objects? not yet attested/,
    );
  });

  it.each([
    ['an empty folder', ['--folder', 'empty'], 1, 'holds nothing that a destination of Sluice received'],
    ['no folder', ['--folder', 'nowhere'], 2, 'is no folder'],
    ['a folder and a bucket', ['--folder', 'empty', '--bucket', 's3://acme-logs'], 2, 'not both'],
    ['no bucket', ['--bucket', 'acme-logs'], 2, '--bucket must be s3://bucket/prefix'],
    ['keys that are none', ['--keys', 'subscriptions.json'], 2, 'holds no Ed25519 key'],
    ['keys that are not there', ['--keys', 'nowhere.json'], 2, 'cannot be read (ENOENT)'],
    ['a head that is none', ['--head', 'subscriptions.json'], 2, 'is no witness'],
    ['half a day', ['--retention-days', '0.5'], 2, 'Write whole days'],
    ['no journal', [], 1, 'there is nothing to verify'],
  ])('refuses %s', async (_, words, code, message) => {
    const cwd = await temporaryFolder();
    writeFileSync(join(cwd, 'subscriptions.json'), '[]');
    mkdirSync(join(cwd, 'empty'));
    const ended = await sluice(['verify', ...words], { cwd });
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr).toContain(message);
  });

  it('changes nothing where it reads', async () => {
    const place = await aPlace();
    const before = filesBelow(place.cwd);
    await sluice(['verify'], place);
    await sluice(['verify', '--folder', 'out'], place);
    expect(filesBelow(place.cwd)).toEqual(before);
    expect(readdirSync(place.cwd).sort()).toEqual(['.sluice', 'out', 'subscriptions.json']);
  });
});

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compare } from '../../cli/demo/compare.ts';
import { groundTruth } from '../../cli/demo/ground-truth.ts';
import { findSamples } from '../../shared/config/samples.ts';
import { expectNoCanary } from '../support/canaries.ts';
import { sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

describe('the demo', () => {
  it('brings every event to the operator and each tenant exactly its own, verified, and sends nothing the second time', async () => {
    const cwd = await temporaryFolder();
    const first = await sluice(['demo'], { cwd });
    expect(first.stderr).toContain(join(cwd, '.sluice/demo'));
    expect(
      first.stdout
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'operator-webhook: 150 of 150 events, each once',
      'aurora-webhook: 55 of 55 events, each once',
      'aurora-folder: 55 of 55 events, each once',
      'baltic-webhook: 49 of 49 events, each once',
      'baltic-folder: 49 of 49 events, each once',
      'cobalt-webhook: 43 of 43 events, each once',
      'cobalt-folder: 43 of 43 events, each once',
    ]);
    expect(first.stderr).toContain('every signature verified.');
    expect(first.stderr).toContain('What to try next:');
    expect(first.code).toBe(0);

    const second = await sluice(['demo', '--json'], { cwd });
    expect(JSON.parse(second.stdout)).toMatchObject({ new: 0, requests: 0, refused: 0, right: true });
    expect(second.stderr).toContain('Nothing is new');
    expect(second.code).toBe(0);

    expectNoCanary(first.stdout + first.stderr + second.stdout + second.stderr);
    for (const path of filesBelow(join(cwd, '.sluice')).filter((each) => !each.endsWith('secrets.json'))) {
      const bytes = readFileSync(path);
      expectNoCanary(path.endsWith('.gz') || bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : bytes);
    }
  });

  it('leaves its files where the commands it recommends find them', async () => {
    const cwd = await temporaryFolder();
    await sluice(['demo'], { cwd });
    const status = await sluice(['status', '--json', '--env-file', '.sluice/demo/settings.env'], { cwd });
    expect(JSON.parse(status.stdout).subscriptions).toHaveLength(7);
    expect(JSON.parse(status.stdout).subscriptions[0]).toMatchObject({
      id: 'operator-webhook',
      delivered: 150,
      waiting: 0,
    });
  });

  it('ends with 1 when an event is missing, came twice, or reached somebody else', async () => {
    const cwd = await temporaryFolder();
    await sluice(['demo'], { cwd });
    const record = join(cwd, '.sluice/demo/received.ndjson');
    const requests = readFileSync(record, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const changed = requests.map((request) =>
      request.subscription === 'aurora-webhook'
        ? { ...request, events: [...request.events.slice(2), request.events[5], 'x/y'] }
        : request,
    );
    writeFileSync(record, changed.map((request) => `${JSON.stringify(request)}\n`).join(''));
    rmSync(join(cwd, '.sluice/demo/deliveries/cobalt'), { recursive: true });
    const { code, stdout, stderr } = await sluice(['demo'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toContain(
      'aurora-webhook: WRONG: 55 received, 55 expected; 2 missing, 1 not meant for it, 1 repeated',
    );
    expect(stdout).toContain('cobalt-folder: WRONG: 0 received, 43 expected; 43 missing');
    expect(stderr).toContain('Not every event arrived as it should');
  });
});

describe('what the demo is held against', () => {
  const samples = findSamples(import.meta.dirname);
  const truth = samples && groundTruth(samples);

  it('is every event of the manifest, and of each organisation those that name it', () => {
    expect(truth?.every.size).toBe(150);
    expect([...(truth?.of ?? [])].map(([tenant, ids]) => [tenant, ids.size])).toEqual([
      ['aurora', 55],
      ['baltic', 49],
      ['cobalt', 43],
    ]);
  });

  it('is met only by each expected event once and no other', () => {
    const expected = new Set(['a', 'b']);
    expect(compare('s', ['b', 'a'], expected).right).toBe(true);
    expect(compare('s', ['a'], expected)).toMatchObject({ missing: 1, right: false });
    expect(compare('s', ['a', 'b', 'b'], expected)).toMatchObject({ repeated: 1, right: false });
    expect(compare('s', ['a', 'b', 'c'], expected)).toMatchObject({ foreign: 1, right: false });
  });
});

import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sluice, startSluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hourMs = 3_600_000;
const newest = Date.parse('2026-03-01T12:00:00Z');

const aLine = (id: string, ms: number): string =>
  JSON.stringify({ _index: 'closer', _id: id, _source: { '@timestamp': new Date(ms).toISOString(), tenant: 'acme' } });

/** A log of `days` days, `perHour` events an hour, the newest at noon of 1 March. */
const aLog = async (days: number, perHour: number) => {
  const cwd = await temporaryFolder();
  const log = join(cwd, 'log.ndjson');
  const count = days * 24 * perHour;
  const lines = Array.from({ length: count }, (_, n) =>
    aLine(`e${n}`, newest - Math.round(((count - 1 - n) * hourMs) / perHour)),
  );
  writeFileSync(log, `${lines.join('\n')}\n`);
  const env = { SLUICE_SOURCE_URL: 'file:log.ndjson', SLUICE_TENANT: 'acme' };
  return { cwd, env, count, add: (id: string, ms: number) => appendFileSync(log, `${aLine(id, ms)}\n`) };
};

const eventsIn = async (options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }) => {
  const { stdout } = await sluice(['status', '--json'], options);
  return Number(JSON.parse(stdout).source.events);
};

describe('sluice reconcile', () => {
  it('brings late events, says so, and exits with 0', async () => {
    const { add, ...options } = await aLog(2, 2);
    await sluice(['pull'], options);
    add('late', newest - 3 * hourMs);
    const { code, stdout } = await sluice(['reconcile'], options);
    expect(stdout).toMatch(/1 minute held more there, 1 late event journaled in 1 segment/);
    expect(code).toBe(0);
    const again = await sluice(['reconcile', '--json', '--rung', 'day'], options);
    expect(JSON.parse(again.stdout)).toMatchObject({ result: 'done', recovered: 0, lateRecovered: 1 });
  });

  it('counts what is later than the horizon, and names the command that brings it', async () => {
    const { add, ...options } = await aLog(4, 2);
    await sluice(['pull'], options);
    add('late', newest - 60 * hourMs);
    const { code, stdout } = await sluice(['reconcile'], options);
    expect(stdout).toContain('1 later than the horizon (sluice backfill brings them, the next reconcile counts again)');
    expect(code).toBe(1);
    const longer = await sluice(['reconcile', '--json'], {
      ...options,
      env: { ...options.env, SLUICE_HORIZON_HOURS: '72' },
    });
    expect(JSON.parse(longer.stdout)).toMatchObject({ recovered: 1, lateMissed: 0 });
  });

  it('ends with 1, and status too, until a backfill has brought what was missed', async () => {
    const { add, ...options } = await aLog(4, 2);
    await sluice(['pull'], options);
    add('late', newest - 60 * hourMs);
    expect((await sluice(['reconcile'], options)).code).toBe(1);
    expect((await sluice(['reconcile', '--rung', 'hour'], options)).code).toBe(1);
    const told = await sluice(['status', '--json'], options);
    expect(told.code).toBe(1);
    expect(JSON.parse(told.stdout).problems).toEqual([expect.stringContaining('npx sluice backfill')]);
    expect((await sluice(['backfill', '--from', '2026-02-26', '--to', '2026-02-28'], options)).code).toBe(0);
    expect((await sluice(['reconcile'], options)).code).toBe(0);
    expect((await sluice(['status'], options)).code).toBe(0);
  });

  it('has nothing to compare before the first pull', async () => {
    const { code, stdout } = await sluice(['reconcile'], await aLog(1, 1));
    expect({ code, stdout: stdout.trim() }).toEqual({
      code: 0,
      stdout: 'log: nothing was pulled yet, so there is nothing to compare.',
    });
  });

  it('says which minute cannot be mended, and exits with 1', async () => {
    const { add, ...options } = await aLog(1, 2);
    await sluice(['pull'], options);
    add('late', newest - 3 * hourMs);
    rmSync(join(options.cwd, '.sluice/journal/segments'), { recursive: true });
    mkdirSync(join(options.cwd, '.sluice/journal/segments'));
    const { code, stderr, stdout } = await sluice(['reconcile'], options);
    expect(stderr).toMatch(/What is missing cannot be mended: It cannot be known what is held: .* is missing/);
    expect(stdout).toContain('Complete up to 2026-03-01T09:00:00Z');
    expect(code).toBe(1);
  });

  it('says that the source is gone', async () => {
    const options = await aLog(1, 1);
    await sluice(['pull'], options);
    rmSync(join(options.cwd, 'log.ndjson'));
    const { code, stderr } = await sluice(['reconcile'], options);
    expect(stderr).toMatch(/log\.ndjson/);
    expect(code).toBe(1);
  });
});

describe('sluice backfill', () => {
  const range = ['--from', '2026-02-20', '--to', '2026-03-01'] as const;
  const late = { SLUICE_START: '2026-03-01T00:00:00Z' };

  it('brings a range from before the record began, and prints what it did', async () => {
    const { count, env, ...rest } = await aLog(10, 4);
    const options = { ...rest, env: { ...env, ...late } };
    await sluice(['pull'], options);
    const held = await eventsIn(options);
    const { code, stdout } = await sluice(['backfill', ...range], options);
    expect(stdout).toMatch(/^log: 2026-02-20T00:00Z to 2026-03-01T00:00Z: \d+ events journaled in \d+ segments?\.$/m);
    expect(code).toBe(0);
    expect(await eventsIn(options)).toBeGreaterThan(held);
    await sluice(['backfill', '--from', '2026-02-01', '--to', '2026-03-01T12:00:00Z'], options);
    expect(await eventsIn(options)).toBe(count);
    expect(JSON.parse((await sluice(['backfill', '--json', ...range], options)).stdout)).toMatchObject({
      result: 'done',
      recovered: 0,
      refused: [],
    });
  });

  it('goes on after it was killed, again and again, and brings each event once', async () => {
    const { count, env, ...rest } = await aLog(10, 20);
    const options = { ...rest, env: { ...env, ...late } };
    await sluice(['pull'], options);
    const manifests = () => readdirSync(join(options.cwd, '.sluice/journal/manifests/log')).length;
    for (let kills = 0; kills < 2; kills += 1) {
      const before = manifests();
      const running = startSluice(['backfill', ...range], options);
      await expect.poll(manifests, { interval: 5, timeout: 20_000 }).toBeGreaterThan(before);
      running.signal('SIGKILL');
      await running.ended;
    }
    expect(await sluice(['backfill', ...range], options)).toMatchObject({ code: 0 });
    await sluice(['backfill', '--from', '2026-02-01', '--to', '2026-03-01T12:00:00Z'], options);
    expect(await eventsIn(options)).toBe(count);
  }, 60_000);

  it('needs something pulled, and says so', async () => {
    const { code, stderr } = await sluice(['backfill', ...range], await aLog(10, 1));
    expect(stderr).toContain('Nothing of source "log" was pulled yet. Run: npx sluice pull');
    expect(code).toBe(1);
  });
});

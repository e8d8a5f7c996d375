import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { sluice, startSluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Makes the launcher believe that an older Node runs it; the Node it hands over to is the real one. */
const asNode20 = async (): Promise<readonly string[]> => {
  const preload = join(await temporaryFolder(), 'as-node-20.cjs');
  writeFileSync(
    preload,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });\n",
  );
  return ['--require', preload];
};

it('hands over to the installed Node 24 when it runs on an older one: result, prose and exit code come back', async () => {
  const cwd = await temporaryFolder();
  const nodeOptions = await asNode20();
  const status = await sluice(['status', '--json'], { cwd, nodeOptions });
  expect(JSON.parse(status.stdout)).toMatchObject({ source: { state: 'never pulled' } });
  expect(status.code).toBe(0);
  const wrong = await sluice(['pul'], { cwd, nodeOptions });
  expect(wrong.stderr).toContain('Did you mean pull?');
  expect(wrong.code).toBe(2);
});

it('passes Ctrl-C on, and waits for the clean end', async () => {
  const nodeOptions = await asNode20();
  const running = startSluice(['start'], { cwd: await temporaryFolder(), env: { SLUICE_HTTP_PORT: '0' }, nodeOptions });
  await running.shows('150 new events');
  running.signal('SIGINT');
  const { code, stderr } = await running.ended;
  expect(stderr).toContain('Stopped. Nothing is under way');
  expect(code).toBe(0);
});

it('needs nothing but itself on an older Node, and says what to install when Node 24 is missing too', async () => {
  const alone = join(await temporaryFolder(), 'sluice.mjs');
  copyFileSync(new URL('../../cli/sluice.mjs', import.meta.url), alone);
  const asOlder = `for (const [name, value] of [['version', 'v20.20.2'], ['versions', { ...process.versions, node: '20.20.2' }]])
    Object.defineProperty(process, name, { value });`;
  const preload = `data:text/javascript,${encodeURIComponent(asOlder)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, alone, 'status'], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr:
      'Sluice needs Node 24; this is v20.20.2 and the Node that npm ci brings is not installed. Run npm ci, or install Node 24.\n',
  });
});

it('behind --, which keeps Node away from --env-file, a file that is missing is ours to say', async () => {
  const launcher = fileURLToPath(new URL('../../cli/sluice.mjs', import.meta.url));
  const arguments_ = ['--', launcher, 'status', '--env-file', 'nope.env'];
  const { status, stderr } = spawnSync(process.execPath, arguments_, {
    cwd: await temporaryFolder(),
    encoding: 'utf8',
  });
  expect(stderr).toContain('nope.env cannot be read (ENOENT)');
  expect(status).toBe(2);
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  for (const line of Object.values<string>(scripts)) expect(line).not.toMatch(/(?<!-- )cli\/sluice\.mjs/);
});

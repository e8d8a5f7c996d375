/** Stdout that takes no byte, as on a full disk. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const launcher = fileURLToPath(new URL('../../cli/sluice.mjs', import.meta.url));

it.skipIf(!existsSync('/dev/full')).each([['status --json'], ['query --all --format csv'], ['--help']])(
  'sluice %s says in one sentence that stdout cannot be written, and ends with 1',
  async (words) => {
    const cwd = await temporaryFolder();
    const line = `'${process.execPath}' -- '${launcher}' ${words} > /dev/full`;
    const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
      execFile('sh', ['-c', line], { cwd }, (error, _, said) =>
        resolve({ code: Number(error?.code ?? 0), stderr: said }),
      );
    });
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^Stdout cannot be written \(ENOSPC\): what was printed is not whole\./,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  },
);

it('a query that cannot write its second page says where that page began', async () => {
  const cwd = await temporaryFolder();
  const at = (n: number): string => new Date(Date.parse('2026-03-01') + n * 1000).toISOString();
  const lines = Array.from(
    { length: 1500 },
    (_, n) => `{"_index":"a","_id":"${n}","_source":{"@timestamp":"${at(n)}"}}`,
  );
  writeFileSync(join(cwd, 'log.ndjson'), `${lines.join('\n')}\n`);
  const printed: string[] = [];
  const said: string[] = [];
  const ask = (words: readonly string[], takes: number) =>
    runCommand(['query', '--all', '--format', 'ndjson', ...words], {
      env: { SLUICE_SOURCE_URL: 'file:log.ndjson' },
      cwd,
      print: (line) => void printed.push(line),
      say: (line) => void said.push(line),
      written: async () => {
        if (printed.length > takes) throw new OperatorMustFix('Stdout cannot be written (ENOSPC).');
      },
      watched: false,
      onStop: () => () => {},
      exitNow: () => {},
    });
  expect(await ask([], 1000)).toBe(1);
  const [, cursor = ''] = /To go on behind the pages that are whole: --cursor (\S+)$/.exec(said.at(-1) ?? '') ?? [];
  printed.length = 1000;
  expect(await ask(['--cursor', cursor], 2000)).toBe(0);
  const ids = new Set(printed.map((line) => JSON.parse(line).event.id));
  expect(printed.length).toBe(1500);
  expect(ids.size).toBe(1500);
});

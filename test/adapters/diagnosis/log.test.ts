import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logDiagnosis } from '../../../shared/adapters/ndjson/diagnose.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const line = (second: number): string =>
  JSON.stringify({ '@timestamp': `2026-11-20T10:00:${String(second).padStart(2, '0')}.000Z`, fill: 'x'.repeat(100) });

const filesOf = (path: string) => logDiagnosis({ path, timeField: '@timestamp' }).files();

describe('a log', () => {
  it('is known by its first and last line, however long it is', async () => {
    const path = join(await temporaryFolder(), 'closer.ndjson');
    const middle = Array.from({ length: 20_000 }, () => line(30));
    writeFileSync(path, `${[line(1), ...middle, line(59)].join('\n')}\n`);
    expect(await filesOf(path)).toEqual([
      {
        name: 'closer.ndjson',
        bytes: expect.toSatisfy((bytes: number) => bytes > 2 * 1024 * 1024),
        first: { readable: true, time: '2026-11-20T10:00:01.000000000Z' },
        last: { readable: true, time: '2026-11-20T10:00:59.000000000Z' },
      },
    ]);
  });

  it('may end in a line that is still being written', async () => {
    const path = join(await temporaryFolder(), 'closer.ndjson');
    writeFileSync(path, `${line(1)}\n${line(2)}\n{"@timest`);
    expect(await filesOf(path)).toMatchObject([{ last: { time: '2026-11-20T10:00:02.000000000Z' } }]);
  });

  it('of a folder is all of its files; one without lines has neither', async () => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'a.ndjson'), 'no json\n');
    writeFileSync(join(folder, 'b.jsonl'), '');
    mkdirSync(join(folder, 'c.ndjson'));
    expect(await filesOf(folder)).toEqual([
      { name: 'a.ndjson', bytes: 8, first: { readable: false }, last: { readable: false } },
      { name: 'b.jsonl', bytes: 0 },
    ]);
  });

  it('that is missing is named by its setting', async () => {
    await expect(filesOf('/nowhere/closer.ndjson')).rejects.toThrow(
      'SLUICE_SOURCE_URL "file:/nowhere/closer.ndjson" does not exist.',
    );
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import type { logLines } from '../../shared/adapters/ndjson/log-lines.ts';
import { ndjsonSource } from '../../shared/adapters/ndjson-source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

const lines = vi.hoisted(() => ({ read: 0 }));
vi.mock('../../shared/adapters/ndjson/log-lines.ts', async (original) => {
  const real = await original<{ logLines: typeof logLines }>();
  return {
    logLines: async function* (...given: Parameters<typeof logLines>) {
      for await (const line of real.logLines(...given)) {
        lines.read += 1;
        yield line;
      }
    },
  };
});

const folder = await mkdtemp(join(tmpdir(), 'sluice-find-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

it('as many lines are read for an event that is there as for one that is not, wherever it stands', async () => {
  const hit = (id: string) =>
    JSON.stringify({ _index: 'closer', _id: id, _source: { '@timestamp': '2026-05-05T10:00:00Z', id } });
  for (const name of ['a', 'b']) {
    const text = Array.from({ length: 50 }, (_, n) => `${hit(`${name}${n}`)}\n`).join('');
    await writeFile(join(folder, `${name}.ndjson`), `${text}${hit('twice')}\n`);
  }
  const source = ndjsonSource({ id: 'closer', path: folder, timeField: '@timestamp', clock: recordingClock() });
  await source.preflight();
  for (const [id, isThere] of [
    ['a0', true],
    ['a49', true],
    ['b20', true],
    ['twice', true],
    ['none', false],
  ] as const) {
    lines.read = 0;
    const found = await source.find(`closer/${id}`);
    expect(found?._id).toBe(isThere ? id : undefined);
    expect(lines.read, id).toBe(102);
  }
});

import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { touching } from '../../shared/adapters/ndjson/log-files.ts';
import { ndjsonSource } from '../../shared/adapters/ndjson-source.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import type { Hit } from '../../shared/core/event.ts';
import { beginningOfTime, instantFromMs } from '../../shared/core/instant.ts';
import type { Source, WalkRequest } from '../../shared/ports/source.ts';
import { describeSource } from '../contracts/source-contract.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const range = { from: beginningOfTime, to: instantFromMs(Date.UTC(2030, 0, 1)) };
const year2026 = '2026-01-01T00:00:00.000+0000';

const sourceOf = (path: string, options: { timeField?: string; maxPageBytes?: number } = {}): Source =>
  ndjsonSource({ id: 'log', path, timeField: '@timestamp', clock: recordingClock(), ...options });

const aLog = async (text: string): Promise<string> => {
  const path = join(await temporaryFolder(), 'closer.ndjson');
  await writeFile(path, text);
  return path;
};

const hitsOf = async (source: Source, request: WalkRequest = { range }): Promise<readonly Hit[]> => {
  const walk = await source.open(request);
  const page = await walk.page(undefined, 10_000);
  if (page.kind !== 'page') throw new Error(page.reason);
  expect(page.hits).toHaveLength(walk.count);
  return page.hits;
};
const idsOf = async (source: Source, request?: WalkRequest) => (await hitsOf(source, request)).map(({ _id }) => _id);

const line = (id: string, source: unknown = { '@timestamp': year2026 }): string =>
  `${JSON.stringify({ _index: 'closer', _id: id, _source: source })}\n`;

describeSource('NDJSON log of hits', async (documents) => ({
  source: sourceOf(
    await aLog(documents.map(({ id, time }) => line(id, time === undefined ? {} : { '@timestamp': time })).join('')),
  ),
}));

describeSource('NDJSON folder of two files', async (documents) => {
  const folder = await temporaryFolder();
  const half = Math.ceil(documents.length / 2);
  for (const [name, part] of [
    ['a.ndjson', documents.slice(0, half)],
    ['b.jsonl', documents.slice(half)],
  ] as const)
    await writeFile(join(folder, name), part.map(({ id, time }) => line(id, { '@timestamp': time })).join(''));
  return { source: sourceOf(folder) };
});

describe('the samples of the repository', () => {
  it.each(['samples.ndjson', 'samples-edge.ndjson'])('are walked line by line, each once: %s', async (file) => {
    const path = join(import.meta.dirname, '../../samples', file);
    const lines = (await readFile(path, 'utf8')).split('\n').filter((text) => text !== '');
    const source = sourceOf(path);
    const found = [...(await hitsOf(source)), ...(await hitsOf(source, { range, side: 'outside' }))];
    expect(found.map(({ _id }) => _id).sort()).toEqual(lines.map((text) => JSON.parse(text)._id).sort());
  });
});

describe('the clock of a log', () => {
  const openedAt = async (text: string): Promise<number> =>
    (await sourceOf(await aLog(text)).open({ range })).openedAtMs;

  it('is its newest event, so that a file copied in later is not taken for old', async () => {
    const older = line('a', { '@timestamp': '2024-05-05T09:27:12.529Z' });
    const newer = line('b', { '@timestamp': '2024-05-06T09:27:12.529Z' });
    expect(await openedAt(newer + older)).toBe(Date.parse('2024-05-06T09:27:12.529Z'));
  });

  it('never runs ahead of ours, and does not begin before there is an event', async () => {
    const ahead = line('c', { '@timestamp': '2999-01-01T00:00:00.000Z' });
    const past = line('d', { '@timestamp': '2020-01-01T00:00:00.000Z' });
    expect(await openedAt(past + ahead)).toBe(Date.parse('2020-01-01T00:00:00.000Z'));
    expect(await openedAt('')).toBe(0);
  });
});

describe('lines', () => {
  it('takes Elasticsearch hits as they are, and leaves away what is no part of a hit', async () => {
    const [hit] = await hitsOf(sourceOf(await aLog(line('one', { '@timestamp': year2026, message: { a: 1 } }))));
    expect(hit).toEqual({
      _index: 'closer',
      _id: 'one',
      _source: { '@timestamp': year2026, message: { a: 1 } },
      sort: ['2026-01-01T00:00:00.000000000Z', 0],
    });
  });

  it('gives bare documents an identity of their place and content, the same whenever they are read', async () => {
    const document = `${JSON.stringify({ '@timestamp': year2026, a: 1 })}\n`;
    const path = await aLog(document + document);
    const ids = await idsOf(sourceOf(path));
    expect(new Set(ids).size).toBe(2);
    await appendFile(path, document);
    expect((await idsOf(sourceOf(path))).slice(0, 2)).toEqual(ids);
    expect((await hitsOf(sourceOf(path)))[0]?._index).toBe('closer.ndjson');
  });

  it('hands out an unreadable line as an event without content, and goes on behind it', async () => {
    const source = sourceOf(await aLog(`${line('a')}{"broken": tru\n[1]\n"text"\n${line('b')}`));
    expect(await idsOf(source)).toEqual(['a', 'b']);
    const outside = await hitsOf(source, { range, side: 'outside' });
    expect(outside).toHaveLength(3);
    for (const hit of outside) expect(Object.keys(hit).sort()).toEqual(['_id', '_index']);
  });

  it('passes over blank lines, Windows line ends and a byte order mark', async () => {
    const text = `\uFEFF${line('a')}\n  \n${line('b')}`.replaceAll('\n', '\r\n');
    expect(await idsOf(sourceOf(await aLog(text)))).toEqual(['a', 'b']);
  });

  it('reads lines whole that lie across the borders of what is read at once', async () => {
    const ids = Array.from({ length: 300 }, (_, n) => `long-${n}`);
    const text = 'x'.repeat(9973);
    const source = sourceOf(await aLog(ids.map((id) => line(id, { '@timestamp': year2026, text })).join('')));
    expect(await idsOf(source)).toEqual(ids);
    expect(await idsOf(source, { range, side: 'outside' })).toEqual([]);
  });

  it('ends a line at a line feed alone: other separators of Unicode may lie within one', async () => {
    const text = line('a', { '@timestamp': year2026, text: 'one\u2028two\u2029three\u0085four' });
    expect(await hitsOf(sourceOf(await aLog(text)))).toMatchObject([
      { _id: 'a', _source: { text: expect.anything() } },
    ]);
  });

  it('reads the time in every spelling of a nested field', async () => {
    const source = sourceOf(
      await aLog(
        [{ 'a.b.c': year2026 }, { a: { b: { c: year2026 } } }, { 'a.b': { c: year2026 } }, { a: { 'b.c': [year2026] } }]
          .map((document, n) => line(String(n), document))
          .join(''),
      ),
      { timeField: 'a.b.c' },
    );
    expect(await idsOf(source)).toEqual(['0', '1', '2', '3']);
  });

  it('keeps an event longer than a page may be, without its content', async () => {
    const long = line('long', { '@timestamp': year2026, text: 'x'.repeat(2000) });
    const source = sourceOf(await aLog(line('a') + long + line('b')), { maxPageBytes: 1000 });
    expect(await idsOf(source)).toEqual(['a', 'b']);
    const outside = await source.open({ range, side: 'outside' });
    expect(await outside.page(undefined, 1)).toMatchObject({ kind: 'page', hits: [{ _index: 'closer.ndjson' }] });
  });

  it('asks for smaller pages when the lines of one hold more than is allowed', async () => {
    const source = sourceOf(await aLog(line('a') + line('b')), { maxPageBytes: 100 });
    const walk = await source.open({ range });
    expect(await walk.page(undefined, 2)).toMatchObject({ kind: 'too large' });
    expect(await walk.page(undefined, 1)).toMatchObject({ kind: 'page', hits: [{ _id: 'a' }] });
  });
});

describe('a log that is being written', () => {
  it('waits for the end of a line that is half written, and takes one that is complete', async () => {
    const path = await aLog(line('a') + line('b').slice(0, 20));
    const source = sourceOf(path);
    expect(await idsOf(source)).toEqual(['a']);
    await appendFile(path, line('b').slice(20).trimEnd());
    expect(await idsOf(source)).toEqual(['a', 'b']);
    await appendFile(path, `\n${line('c')}`);
    expect(await idsOf(source)).toEqual(['a', 'b', 'c']);
  });

  it('shows a walk only what was there when it was opened', async () => {
    const path = await aLog(line('a'));
    const source = sourceOf(path);
    const walk = await source.open({ range });
    await appendFile(path, line('b'));
    expect(await idsOf(source)).toEqual(['a', 'b']);
    expect(await walk.page(undefined, 10)).toMatchObject({ hits: [{ _id: 'a' }], next: undefined });
  });

  it('reads a file anew that was replaced by a longer one', async () => {
    const path = await aLog(line('a'));
    const source = sourceOf(path);
    expect(await idsOf(source)).toEqual(['a']);
    await writeFile(path, line('x') + line('y'));
    expect(await idsOf(source)).toEqual(['x', 'y']);
  });

  it('calls a walk lost when its file was cut or rewritten', async () => {
    const path = await aLog(line('a') + line('b'));
    const source = sourceOf(path);
    const walk = await source.open({ range });
    await writeFile(path, line('a'));
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'lost' });
  });

  it('calls a walk lost when a line of the same length took the place of another', async () => {
    const path = await aLog(line('a'));
    const walk = await sourceOf(path).open({ range });
    await writeFile(path, line('a', { '@timestamp': '2026-01-01T00:00:00.001+0000' }));
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'lost' });
  });

  it('sees a new file of the folder', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.ndjson'), line('a'));
    const source = sourceOf(folder);
    expect(await idsOf(source)).toEqual(['a']);
    await writeFile(join(folder, 'b.ndjson'), line('b'));
    expect((await source.preflight()).indices).toEqual(['a.ndjson', 'b.ndjson']);
    expect(await idsOf(source)).toEqual(['a', 'b']);
  });

  it('reads the same lines once when two walks open together', async () => {
    const path = await aLog(line('a'));
    const source = sourceOf(path);
    await source.preflight();
    await appendFile(path, line('b') + line('c') + line('d'));
    const walks = await Promise.all([source.open({ range }), source.open({ range })]);
    expect(walks.map(({ count }) => count)).toEqual([4, 4]);
    expect(await idsOf(source)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('reads no line twice after a reading that failed half way', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.ndjson'), line('a'));
    const source = sourceOf(folder);
    await source.preflight();
    await appendFile(join(folder, 'a.ndjson'), line('b'));
    await symlink(folder, join(folder, 'z.ndjson'));
    await expect(source.preflight()).rejects.toThrow(`z.ndjson" is a folder. Name a log file.`);
    await rm(join(folder, 'z.ndjson'));
    expect(await idsOf(source)).toEqual(['a', 'b']);
  });
});

describe('what an operator must fix', () => {
  const refusal = async (source: Source): Promise<string> => {
    const error = await source.preflight().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperatorMustFix);
    return error instanceof Error ? error.message : '';
  };

  it('names the setting and the path of a log that does not exist', async () => {
    const path = join(await temporaryFolder(), 'missing.ndjson');
    expect(await refusal(sourceOf(path))).toBe(
      `SLUICE_SOURCE_URL "file:${path}" does not exist. Check the path; a relative one begins where the command was started.`,
    );
  });

  it('says so when a folder holds no log', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'deeper.ndjson'));
    expect(await refusal(sourceOf(folder))).toContain('is a folder without any *.ndjson or *.jsonl file');
  });

  it('says so when the log may not be read, whichever step is refused', async () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const refused = touching('/var/log/closer.ndjson', () => Promise.reject(denied));
    await expect(refused).rejects.toThrow(
      'SLUICE_SOURCE_URL "file:/var/log/closer.ndjson" may not be read (EACCES). Give this user the permission to read it.',
    );
    await expect(refused).rejects.toThrow(OperatorMustFix);
  });

  it('leaves to the next run what may pass by itself', async () => {
    const busy = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    await expect(touching('log', () => Promise.reject(busy))).rejects.toThrow(RetryLater);
  });

  it('says so when no line has the time field', async () => {
    const message = await refusal(sourceOf(await aLog(line('a') + line('b')), { timeField: 'time' }));
    expect(message).toContain('None of the 2 lines');
    expect(message).toContain('SLUICE_SOURCE_TIME_FIELD');
  });

  it('takes an empty log as one that waits for its first event', async () => {
    const source = sourceOf(await aLog(''));
    expect(await source.preflight()).toEqual({ description: 'NDJSON file', indices: ['closer.ndjson'] });
    expect(await idsOf(source)).toEqual([]);
  });

  it('finds a log again that was gone for a while', async () => {
    const path = await aLog(line('a'));
    const source = sourceOf(path);
    await source.preflight();
    await rm(path);
    await expect(source.preflight()).rejects.toThrow(OperatorMustFix);
    await writeFile(path, line('a'));
    expect(await idsOf(source)).toEqual(['a']);
  });
});

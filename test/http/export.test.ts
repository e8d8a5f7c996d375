import { describe, expect, it, vi } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import type { Hit } from '../../shared/core/event.ts';
import { httpWorld } from '../support/http-world.ts';
import { aHit, hitsFrom } from '../support/world.ts';

/** More than two parts; each second holds seven of them. */
const many: readonly Hit[] = Array.from({ length: 2_200 }, (_, n) =>
  aHit(`n${n}`, new Date(Date.parse('2026-05-05T00:00:00Z') + Math.floor(n / 7) * 1000).toISOString(), 'acme'),
);
const other = hitsFrom('2026-05-05T00:10:00Z', 20, 1000, 'other');
const world = httpWorld({ hits: [...many, ...other] });
const question = '/v1/events/export?from=2026-05-05&sort=asc';

const linesOf = async (response: Response): Promise<readonly string[]> => {
  const lines = (await response.text()).split('\n');
  expect(lines.pop()).toBe('');
  return lines;
};
const idOf = (line: string): string => (JSON.parse(line) as { event: { id: string } }).event.id;
const problemsOf = async (response: Response) => {
  const { errors = [] } = (await response.json()) as { errors?: readonly { parameter: string; detail: string }[] };
  return errors.map(({ parameter, detail }) => `${parameter} ${detail}`);
};

describe('GET /v1/events/export', () => {
  it('streams every event of the question, in order, each once', async () => {
    const response = await world.get(question);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('sluice-progress')).toBe('0');
    expect(response.headers.get('sluice-next')).toBeNull();
    const lines = await linesOf(response);
    expect(lines).toHaveLength(many.length);
    expect(new Set(lines.map(idOf)).size).toBe(many.length);
    const times = lines.map((line) => JSON.parse(line)['@timestamp'] as string);
    expect(times).toEqual(times.toSorted());
  });

  it('answers the same lines as the pages of the same question', async () => {
    const pages: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await world.get(`/v1/events?from=2026-05-05&sort=asc&limit=1000&format=ndjson${cursor}`);
      pages.push(...(await linesOf(page)));
      const next = page.headers.get('sluice-next');
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(pages).toEqual(await linesOf(await world.get(question)));
  });

  it.each(['asc', 'desc'])('goes on behind any event that came, sorted %s', async (sort) => {
    const path = `/v1/events/export?sort=${sort}`;
    const whole = await linesOf(await world.get(path));
    for (const kept of [1, 999, 1_000, 1_003, whole.length]) {
      const id = idOf(whole[kept - 1] ?? '');
      const rest = await linesOf(await world.get(`${path}&after=${encodeURIComponent(id)}`));
      expect([...whole.slice(0, kept), ...rest]).toEqual(whole);
    }
  });

  it('writes one table of CSV, also when it was interrupted', async () => {
    const path = `${question}&format=csv&fields=event.id`;
    const [head, ...rows] = (await (await world.get(path)).text()).split('\r\n');
    expect(head).toBe('event.id');
    const after = encodeURIComponent(rows[1_500]?.replaceAll('"', '') ?? '');
    const rest = (await (await world.get(`${path}&after=${after}`)).text()).split('\r\n');
    expect([...rows.slice(0, 1_501), ...rest]).toEqual(rows);
  });

  it('takes the form from Accept, and writes what only is asked for', async () => {
    const csv = await world.get(`${question}&action=none`, { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const [line = ''] = await linesOf(await world.get(`${question}&fields=event.kind`));
    expect(Object.keys(JSON.parse(line).event)).not.toContain('provider');
  });

  it('shows a tenant its own events alone', async () => {
    const lines = await linesOf(await world.get('/v1/events/export', { key: await world.key('other') }));
    expect(lines).toHaveLength(other.length);
  });

  it('has no events, and says so by an answer that ends', async () => {
    expect(await linesOf(await world.get('/v1/events/export?to=2020-01-01'))).toEqual([]);
  });

  it('tells every mistake at once', async () => {
    const after = encodeURIComponent('index/x');
    const response = await world.get(`/v1/events/export?limit=5&format=json&sort=up&after=${after}&after=${after}`);
    expect(response.status).toBe(400);
    const problems = (await problemsOf(response)).join('\n');
    for (const part of [
      'limit is not for an export',
      'sort must be asc',
      'after is given more than once. Give it once.',
    ])
      expect(problems).toContain(part);
    expect(await problemsOf(await world.get('/v1/events/export?format=json'))).toEqual([
      expect.stringContaining('format must be one that is written line by line'),
    ]);
  });

  it('does not tell an event of another tenant from one that does not exist', async () => {
    const asked = httpWorld({ hits: other });
    const [theirs] = await linesOf(await asked.get('/v1/events/export', { key: await asked.key('other') }));
    const answers = [];
    for (const id of [idOf(theirs ?? ''), 'closer/none'])
      answers.push(await (await asked.get(`/v1/events/export?after=${encodeURIComponent(id)}`)).text());
    expect(answers[0]).toContain('is the event.id of no event of yours');
    expect(answers[1]).toBe(answers[0]);
  });

  it('takes as long to refuse an event that is not there as one that is another tenant’s', async () => {
    const slow = httpWorld({ hits: [aHit('theirs', '2026-05-05T10:00:00Z', 'other')] });
    const { find } = slow.source;
    vi.spyOn(slow.source, 'find').mockImplementation(async (id) => {
      const hit = await find(id);
      slow.clock.advance(hit ? 130 : 3);
      return hit;
    });
    const spent = async (id: string, key?: string) => {
      const startedMs = slow.clock.nowMs();
      const path = `/v1/events/export?after=${encodeURIComponent(id)}`;
      expect((await slow.get(path, key === undefined ? {} : { key })).status).toBe(400);
      return slow.clock.nowMs() - startedMs;
    };
    expect([await spent('closer/theirs'), await spent('closer/none')]).toEqual([250, 250]);
    expect(await spent('closer/none', await slow.key('*'))).toBe(3);
  });

  it('cannot go on behind an event that stands in no order', async () => {
    const timeless = httpWorld({ hits: [{ _index: 'closer', _id: 'late', _source: { tenant: 'acme' } }] });
    expect(await problemsOf(await timeless.get('/v1/events/export?after=closer%2Flate'))).toEqual([
      expect.stringContaining('after is an event without a readable time'),
    ]);
  });
});

describe('an export and its source', () => {
  it('is a problem document when the source fails before it has begun', async () => {
    const failing = httpWorld({ hits: many });
    failing.source.failNext({ at: 'open', error: new RetryLater('Elasticsearch does not answer.') });
    const response = await failing.get(question);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('leaves its place when its caller goes away; more than four at once are told to wait', async () => {
    const busy = httpWorld({ hits: many });
    const taken = [];
    for (let n = 0; n < 4; n += 1) {
      const reader = (await busy.get(question)).body?.getReader();
      await reader?.read();
      taken.push(reader);
    }
    const refused = await busy.get(question);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    expect((await busy.get('/v1/events/export?format=json')).status).toBe(400);
    await taken[2]?.cancel();
    expect((await busy.get(question)).status).toBe(200);
  });

  it('has four places, however many ask at the same moment, and those who ask for headers alone take none', async () => {
    const busy = httpWorld({ hits: many });
    for (let n = 0; n < 5; n += 1) expect((await busy.send('HEAD', question)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 12 }, () => busy.get(question)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 200, 200, 200, ...Array.from({ length: 8 }, () => 429)]);
    await Promise.all(answers.map(({ body }) => body?.cancel()));
    expect((await linesOf(await busy.get(question))).length).toBe(many.length);
  });
});

describe('where answers are handed over whole', () => {
  it('comes in parts that lead to the end, and say how far they are', async () => {
    const inParts = httpWorld({ hits: many, answers: 'whole' });
    const lines: string[] = [];
    const progress: number[] = [];
    for (let path = question; ; ) {
      const part = await inParts.get(path);
      lines.push(...(await linesOf(part)));
      const link = /^<(\?[^>]+)>; rel="next"$/.exec(part.headers.get('link') ?? '')?.[1];
      if (link === undefined) {
        expect(part.headers.get('sluice-next')).toBeNull();
        break;
      }
      progress.push(Number.parseFloat(part.headers.get('sluice-progress') ?? ''));
      path = `/v1/events/export${link}`;
    }
    expect(lines).toEqual(await linesOf(await world.get(question)));
    expect(progress).toHaveLength(2);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('goes on behind an event without asking for it again', async () => {
    const inParts = httpWorld({ hits: many, answers: 'whole' });
    const whole = await linesOf(await world.get(question));
    const part = await inParts.get(`${question}&after=${encodeURIComponent(idOf(whole[100] ?? ''))}`);
    expect(part.headers.get('link')).not.toContain('after=');
    expect(await linesOf(part)).toEqual(whole.slice(101, 1_101));
  });
});

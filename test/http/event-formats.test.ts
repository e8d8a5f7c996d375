import { describe, expect, it } from 'vitest';
import type { Hit } from '../../shared/core/event.ts';
import { expectNoCanary } from '../support/canaries.ts';
import { httpWorld } from '../support/http-world.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';

const hits: readonly Hit[] = sampleHits().map((hit) => ({
  ...hit,
  sort: [readSample(hit, '2026-05-05T12:00:00.000Z').time ?? null],
}));
const world = httpWorld({ hits, read: readSample });
const operator = world.key('*', ['operator']);
const get = async (query: string, headers = {}) => world.get(`/v1/events?${query}`, { key: await operator, headers });
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

describe('the form of an answer', () => {
  it.each([
    ['format=ndjson', 'application/x-ndjson'],
    ['format=ecs-flat', 'application/x-ndjson'],
    ['format=ocsf', 'application/x-ndjson'],
    ['format=cef', 'text/plain; charset=utf-8'],
    ['format=csv', 'text/csv; charset=utf-8; header=present'],
  ])('%s is %s, and holds every event and no secret', async (query, type) => {
    const response = await get(`${query}&limit=1000`);
    expect(response.headers.get('content-type')).toBe(type);
    const text = await response.text();
    const lines = linesOf(text);
    expect(lines.length - (query.endsWith('csv') ? 1 : 0)).toBe(150);
    expectNoCanary(text);
  });

  it('is CSV when that is accepted, and its pages put together are one table', async () => {
    const whole = await (await get('limit=1000&sort=asc', { accept: 'text/csv' })).text();
    let text = '';
    for (let cursor = ''; ; ) {
      const response = await get(`limit=40&sort=asc&format=csv${cursor && `&cursor=${cursor}`}`);
      text += await response.text();
      cursor = response.headers.get('sluice-next') ?? '';
      if (cursor === '') break;
    }
    expect(text).toBe(whole);
    expect(whole.startsWith('@timestamp,event.action,event.outcome,')).toBe(true);
  });

  it('has the fields that are asked for, and what tells events apart', async () => {
    const { events } = (await (await get('fields=user,http.response.status_code&limit=1000')).json()) as {
      events: readonly Record<string, Record<string, unknown>>[];
    };
    expect(new Set(events.flatMap((event) => Object.keys(event)))).toEqual(
      new Set(['@timestamp', 'ecs', 'event', 'user', 'http']),
    );
    expect(new Set(events.flatMap(({ event = {} }) => Object.keys(event)))).toEqual(new Set(['kind', 'id', 'dataset']));
    const table = await (await get('fields=event.action,user.roles&format=csv&limit=1')).text();
    expect(linesOf(table)[0]).toBe('event.action,user.roles\r');
  });

  it('is refused with the forms there are', async () => {
    const response = await get('format=xml&fields=user.nam');
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('must be one of json, ndjson, ecs-flat, csv, ocsf, cef');
  });
});

describe('a question in text', () => {
  it('is answered like one in parameters', async () => {
    const ids = async (query: string) =>
      linesOf(await (await get(`${query}&format=ndjson&limit=1000`)).text()).map((line) => JSON.parse(line).event.id);
    const q = encodeURIComponent('event.outcome: FAILURE and http.request.method: post');
    expect(await ids(`q=${q}`)).toEqual(await ids('outcome=failure&method=POST'));
    expect((await ids(`q=${q}`)).length).toBeGreaterThan(2);
  });

  it('is answered with the column of its mistake', async () => {
    const response = await get(`q=${encodeURIComponent('event.action: "agent')}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).toContain('Column 15: this quote is never closed.');
  });
});

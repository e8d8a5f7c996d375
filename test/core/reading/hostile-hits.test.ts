import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hit } from '../../../shared/core/event.ts';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeNone } from '../../../shared/core/tenants.ts';

const readHit = hitReader({ timeField: '@timestamp', attribute: attributeNone });
const readAt = '2021-05-05T09:30:00.000Z';
const read = (source: unknown) => readHit({ _index: 'closer', _id: '1', _source: source }, readAt);
const message = (fields: Readonly<Record<string, unknown>>) => read({ message: fields });

describe('a hit that cannot be read', () => {
  it.each([
    ['nothing', null],
    ['a number', 7],
    ['a text', 'hit'],
    ['no document', { _index: 'closer', _id: 'x' }],
    ['a number for a document', { _index: 'closer', _id: 'x', _source: 7 }],
    ['an array for a document', { _index: 'closer', _id: 'x', _source: [] }],
  ])('because it is %s becomes a minimal event', (_, hit) => {
    const { event, key } = readHit(hit as unknown as Hit, readAt);
    expect(event.event.kind).toBe('pipeline_error');
    expect(event.error?.message).toMatch(/could not be read/);
    expect(key).toMatch(/^[\w-]{22}$/);
  });

  it('keeps its _id and its time', () => {
    const sort = ['2021-05-05T09:27:12.529Z'];
    const { event, time } = readHit({ _index: 'closer', _id: 'broken', _source: 7, sort }, readAt);
    expect(event.event.id).toBe('closer/broken');
    expect(time).toBe('2021-05-05T09:27:12.529000000Z');
  });

  it('never makes the reader throw, whatever it is', () => {
    const known = fc.constantFrom(
      '@timestamp',
      'message',
      'event',
      'event.action',
      'http',
      'request',
      'body',
      'content',
      'url.full',
      'source.ip',
      'user',
      'roles',
      'token',
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 2 }),
        fc.json(),
        fc.webUrl({ withQueryParameters: true }),
        tie('record'),
      ),
      record: fc.dictionary(known, tie('any'), { maxKeys: 6, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(value.any, fc.constantFrom('_source', 'fields'), fc.jsonValue(), (document, place, other) => {
        const hit = { _index: 'closer', _id: '1', sort: other, [place]: document } as unknown as Hit;
        expect(JSON.parse(JSON.stringify(readHit(hit, readAt).event))).toMatchObject({ event: { module: 'closer' } });
        expect(() => readHit(other as unknown as Hit, readAt)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what is too much', () => {
  const bytesOf = (text: string): number =>
    Buffer.byteLength(
      JSON.stringify(
        read({ message: { 'http.request.body.content': text, 'event.action': 'agent_skills_change' } }).event,
      ),
    );

  it.each([
    ['a body of 20 MB', JSON.stringify({ a: 'x'.repeat(20_000_000) })],
    ['a body of 100 000 nested arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a text of a million equals signs', '='.repeat(1_000_000)],
    ['a form of percent signs that encode nothing', 'a=%&'.repeat(250_000)],
    ['a text that never becomes a URL', `${'://a'.repeat(200_000)}@`],
  ])('%s is cut or removed, its length kept', (_, body) => {
    expect(bytesOf(body)).toBeLessThan(1_100_000);
    const { event } = message({ 'event.action': 'agent_skills_change', 'http.request.body.content': body });
    expect(event.http?.request?.body?.bytes).toBe(body.length);
  });

  it('nested objects deeper than 64 levels are cut, and it says so', () => {
    const { event } = message({
      'event.action': 'agent_skills_change',
      'http.request.body.content': `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`,
    });
    expect(event.http?.request?.body?.content).toContain('REMOVED: deeper than 64 levels');
    expect(event.labels?.['request_body']).toMatch(/^cut/);
  });

  it('a document of fields nested 100 000 deep is still an event', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) as unknown;
    const { event } = message({ 'event.action': 'agent_logout', deep });
    expect(event.event.action).toBe('agent_logout');
    expect(JSON.stringify(event).length).toBeLessThan(10_000);
  });

  it('fields without a place in ECS beyond 1 MiB are left out, and it says so', () => {
    const { event } = message({ 'event.action': 'agent_logout', huge: 'x'.repeat(2_000_000), small: 1 });
    expect(JSON.stringify(event).length).toBeLessThan(10_000);
    expect(event.closer).toEqual({ small: 1 });
    expect(event.labels?.['leftovers']).toMatch(/^removed/);
  });
});

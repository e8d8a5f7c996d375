import { describe, expect, it } from 'vitest';
import { filterFields } from '../../../shared/flows/doctor/judge-fields.ts';
import { filterField, found, indices, timeField } from '../../support/diagnosed-elasticsearch.ts';

describe('indices', () => {
  it('names those that are open, and warns of those that are closed', async () => {
    const facts = indices({ name: '.ds-closer-1', dataStream: 'closer' }, { name: 'closer-2', state: 'closed' });
    expect(await found('indices', facts)).toMatchObject({
      verdict: 'warning',
      message:
        '"closer-*" matches 1 open index (.ds-closer-1, backing the data stream closer); closed, so not read: closer-2.',
    });
  });

  it('is a problem when no open one is left', async () => {
    expect(await found('indices', indices({ state: 'closed' }))).toMatchObject({
      verdict: 'problem',
      message: 'No open index at https://es.example.com:9200 matches SLUICE_SOURCE_INDEX "closer-*"; closed: closer-1.',
    });
  });

  it('says which part of the pattern lies in another cluster', async () => {
    expect(await found('indices', { index: 'west:closer-*,closer-*', ...indices({}) })).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('west:closer-* lies in another cluster'),
    });
  });

  it('warns when they may not be seen, naming the privilege', async () => {
    expect(await found('indices', { indices: async () => ({ kind: 'hidden', reason: '403' }) })).toMatchObject({
      verdict: 'warning',
      remedy: expect.stringContaining('view_index_metadata'),
    });
  });

  it.each([
    [1000, 'ok', 'Events become visible within 1 s'],
    [30_000, 'ok', 'Events become visible within 30 s'],
    [40_000, 'warning', 'closer-1 refreshes every 40 s: events arrive that much later.'],
    [300_000, 'problem', 'closer-1 refreshes every 300 s, the overlap is 300 s'],
    ['never', 'problem', 'closer-1 never refreshes by itself'],
  ] as const)('refreshed every %s ms: %s', async (refreshMs, verdict, message) => {
    expect(await found('refresh', indices({ refreshMs }))).toMatchObject({
      verdict,
      message: expect.stringContaining(message),
    });
  });

  it('without _source are a problem, rebuilt _source is said', async () => {
    expect(await found('source', indices({ source: 'disabled' }))).toMatchObject({ verdict: 'problem' });
    expect(await found('source', indices({ source: 'synthetic' }))).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('(synthetic)'),
    });
  });
});

describe('the time field', () => {
  it.each([
    [{ date: undefined }, 'ok', '"@timestamp" is date in every index.'],
    [{ date: ['closer-1'], date_nanos: ['closer-2'] }, 'ok', 'put in order to the nanosecond'],
    [{ date: ['closer-1'], unmapped: ['closer-2'] }, 'warning', '"@timestamp" is not mapped in closer-2'],
    [{ date: ['closer-1'], text: ['closer-2'] }, 'problem', '"@timestamp" is text in closer-2'],
    [{ long: undefined }, 'problem', '"@timestamp" is long in every index'],
    [{ unmapped: undefined }, 'problem', '"@timestamp" is in no index of the pattern.'],
  ])('as %o: %s', async (types, verdict, message) => {
    const facts = await found('time-field', timeField(types));
    expect(facts).toMatchObject({ verdict, message: expect.stringContaining(message) });
  });

  it('may be missing while there is no document', async () => {
    const glance = async () => ({ documents: 0, oursMs: 0, tookMs: 0 });
    expect(await found('time-field', { ...timeField({}), glance })).toMatchObject({ verdict: 'ok' });
  });
});

describe('the fields that questions ask for', () => {
  it.each([
    ['user.id', 'long', 'user'],
    ['message.event.action', 'ip', 'action'],
    ['message.http.response.status_code', 'boolean', 'status'],
  ])('%s mapped as %s makes questions by %s read everything', async (name, type, by) => {
    expect(filterFields).toContain(name);
    expect(await found('filter-fields', filterField(name, { [type]: ['closer-1'] }))).toMatchObject({
      verdict: 'warning',
      message: `${name} is ${type} in closer-1: Elasticsearch cannot search by it, so questions by ${by} read every event of their time range. Answers are right all the same.`,
    });
  });

  it('takes a status as a number', async () => {
    const facts = filterField('message.http.response.status_code', { long: undefined, unmapped: ['closer-2'] });
    expect(await found('filter-fields', facts)).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('1 of 8 fields that questions ask for are mapped below message'),
    });
  });

  it('warns when message is a text, so that every question reads everything', async () => {
    expect(await found('filter-fields', filterField('message', { text: undefined }))).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('`message` is a text, so what is in it is not mapped.'),
    });
  });

  it('warns of a mapping in which a search could leave events out, and of one that cannot be seen', async () => {
    const facts = filterField('message.event.action', { keyword: undefined });
    const odd = 'closer-1: message.user is not indexed (enabled: false)';
    expect(
      await found('filter-fields', { ...facts, mapping: async () => ({ kind: 'seen', value: { odd } }) }),
    ).toMatchObject({
      verdict: 'warning',
      message: `${odd}. Elasticsearch could leave out what is asked for, so every question reads all events of its time range. Answers are right all the same.`,
    });
    const hidden = async () => ({ kind: 'hidden', reason: 'it takes the privilege `view_index_metadata`' }) as const;
    expect(await found('filter-fields', { ...facts, mapping: hidden })).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('The mapping cannot be seen: it takes the privilege `view_index_metadata`.'),
    });
  });
});

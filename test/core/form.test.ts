import { describe, expect, it } from 'vitest';
import { toEcsFlat } from '../../shared/core/ecs-flat.ts';
import { eventIdIn, type Form, isAsJournaled, lineIn, parsedLine } from '../../shared/core/form.ts';
import { projection } from '../../shared/core/projection.ts';
import { aBatch } from '../support/a-batch.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';

const [line = new Uint8Array()] = aBatch().lines;
const sample = Buffer.from(
  JSON.stringify({
    '@timestamp': '2026-11-20T10:15:02.123Z',
    event: { kind: 'event', id: 'closer/1', dataset: 'closer.security' },
    user: { id: 'u1', email: 'ada@aurora.example.com' },
    source: { ip: '203.0.113.9' },
  }),
);
const shown = (form: Form): unknown => JSON.parse(Buffer.from(lineIn(form, sample)).toString());

describe('the form of what travels', () => {
  it('is the journal, byte for byte, where nothing else is asked for', () => {
    expect(isAsJournaled({ format: 'ecs' })).toBe(true);
    expect(lineIn({ format: 'ecs' }, line)).toBe(line);
    const others: readonly Form[] = [
      { format: 'ecs-flat' },
      { format: 'ecs', fields: [] },
      { format: 'ecs', personalData: 'hide' },
    ];
    for (const form of others) expect(isAsJournaled(form)).toBe(false);
  });

  it('is on one level in ECS flat', () => {
    expect(shown({ format: 'ecs-flat' })).toEqual(toEcsFlat(parsedLine(sample)));
  });

  it('leaves what is hidden out of the fields that are asked for, nested and flat alike', () => {
    const form = { fields: ['user', 'source'], personalData: 'hide' } as const;
    const identity = {
      '@timestamp': '2026-11-20T10:15:02.123Z',
      event: { kind: 'event', id: 'closer/1', dataset: 'closer.security' },
    };
    expect(shown({ format: 'ecs', ...form })).toEqual({ ...identity, user: { id: 'u1' } });
    expect(shown({ format: 'ecs-flat', ...form })).toEqual(toEcsFlat({ ...identity, user: { id: 'u1' } } as never));
  });

  it('is the same bytes every time, whatever form', () => {
    for (const hit of sampleHits()) {
      const read = Buffer.from(JSON.stringify(readSample(hit, '2026-11-20T10:15:30.000Z').event));
      for (const format of ['ecs', 'ecs-flat'] as const) {
        const form: Form = { format, fields: ['user', 'http.request'], personalData: 'hide' };
        expect(lineIn(form, read)).toEqual(lineIn(form, read));
        const nested = projection(['user', 'http.request'])(
          parsedLine(lineIn({ format: 'ecs', personalData: 'hide' }, read)) as never,
        );
        expect(parsedLine(lineIn({ ...form, format: 'ecs' }, read))).toEqual(nested);
      }
    }
  });

  it('always tells the id of the event', () => {
    for (const format of ['ecs', 'ecs-flat'] as const)
      expect(eventIdIn(lineIn({ format, fields: [], personalData: 'hide' }, sample))).toBe('closer/1');
  });
});

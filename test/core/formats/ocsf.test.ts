import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../shared/core/catalogue/actions.ts';
import type { EcsEvent } from '../../../shared/core/event.ts';
import { toOcsf } from '../../../shared/core/formats/ocsf.ts';
import { mistakesIn, ocsfFixtures, readFixture } from '../../support/ocsf-schemas.ts';
import { edgeHits, readSample, sampleHits } from '../../support/sample-hits.ts';

const readAt = '2026-05-05T12:00:00.000Z';
const events: readonly EcsEvent[] = [...sampleHits(), ...edgeHits()].map((hit) => readSample(hit, readAt).event);

describe('the schemas of OCSF 1.8.0', () => {
  it.each(readdirSync(new URL('samples/valid/', ocsfFixtures)))('take %s', (name) => {
    expect(mistakesIn(readFixture(`samples/valid/${name}`) as Record<string, unknown>)).toEqual([]);
  });
  it.each(readdirSync(new URL('samples/invalid/', ocsfFixtures)))('refuse %s', (name) => {
    const { event } = readFixture(`samples/invalid/${name}`) as { event?: Record<string, unknown> };
    expect(mistakesIn(event ?? (readFixture(`samples/invalid/${name}`) as Record<string, unknown>))).not.toEqual([]);
  });
});

describe('an event as OCSF', () => {
  it.each(events.map((event) => [event.event.id, event] as const))('%s fits the schema of its class', (_, event) => {
    expect(mistakesIn(toOcsf(event))).toEqual([]);
  });

  it('has the class and activity that the catalogue names, for each of the 58 actions', () => {
    const seen = new Map(events.map((event) => [event.event.action, toOcsf(event)]));
    for (const { action } of actions) expect(seen.get(action)?.['class_uid'], action).toBeDefined();
    expect(new Set([...seen.values()].map((event) => event['class_uid']))).toEqual(
      new Set([3001, 3002, 3004, 3005, 6003]),
    );
  });

  it('tells a promotion to admin from a demotion', () => {
    const change = (content?: string): EcsEvent => {
      const [first] = events.filter(({ event }) => event.action === 'agent_role_change');
      if (!first) throw new Error('no such sample');
      return { ...first, http: { request: { method: 'PUT', ...(content !== undefined && { body: { content } }) } } };
    };
    expect(toOcsf(change('{"role":"Admin"}'))).toMatchObject({ type_uid: 300501, privileges: ['Admin'] });
    expect(toOcsf(change('{"role":"AGENT"}'))).toMatchObject({ type_uid: 300502 });
    expect(toOcsf(change('{"role":'))).toMatchObject({ type_uid: 300599, privileges: ['unknown'] });
    expect(toOcsf(change())).toMatchObject({ type_uid: 300599 });
  });

  it('fits its schema whatever of the event is missing', () => {
    const parts = [
      'user',
      'http',
      'source',
      'url',
      'organization',
      'labels',
      'closer',
      'message',
      '@timestamp',
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.subarray([...parts]), (event, missing) => {
        const left = Object.fromEntries(
          Object.entries(event).filter(([name]) => !missing.some((each) => each === name)),
        ) as unknown as EcsEvent;
        expect(mistakesIn(toOcsf(left))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what has no place of its own under unmapped, and the bodies where they belong', () => {
    for (const event of events) {
      const text = JSON.stringify(toOcsf(event));
      for (const value of [event.event.id, event.user?.id, event.user?.email, event.url?.full, event.source?.address])
        if (value) expect(text, event.event.id).toContain(JSON.stringify(value).slice(1, -1));
      for (const label of Object.keys(event.labels ?? {})) expect(text).toContain(label);
    }
  });
});

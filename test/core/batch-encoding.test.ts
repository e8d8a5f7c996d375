import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeObject, encodeWebhookBody, largestEnvelopeBytes } from '../../shared/core/batch-encoding.ts';
import { objectName } from '../../shared/core/object-name.ts';
import { aBatch } from '../support/a-batch.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const parsedLines = (batch: { readonly lines: readonly Uint8Array[] }): readonly unknown[] =>
  batch.lines.map((line) => JSON.parse(text(line)));

describe('the body of a webhook', () => {
  it('is the documented envelope around the events', () => {
    const batch = aBatch({ events: 2, sequence: 7, previous: 'a'.repeat(64) });
    expect(JSON.parse(text(encodeWebhookBody(batch)))).toEqual({
      type: 'closer.security.events',
      timestamp: '2026-11-20T10:15:30.000Z',
      data: { subscription: 'acme-soc', sequence: 7, previous: 'a'.repeat(64), events: parsedLines(batch) },
    });
  });

  it('carries each event byte for byte', () => {
    const batch = aBatch({ events: 3 });
    const body = text(encodeWebhookBody(batch));
    expect(body).toContain(batch.lines.map(text).join(','));
  });

  it('is the same on every attempt', () => {
    expect(encodeWebhookBody(aBatch({ events: 3 }))).toEqual(encodeWebhookBody(aBatch({ events: 3 })));
  });

  it('is never larger than its events, a comma each and the largest envelope', () => {
    const id = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,79}$/);
    const sequence = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(id, sequence, fc.integer({ min: 0, max: 5 }), (subscription, number, events) => {
        const batch = aBatch({ subscription, sequence: number, events });
        const lineBytes = batch.lines.reduce((sum, line) => sum + line.length, 0);
        const most = largestEnvelopeBytes + lineBytes + events;
        expect(encodeWebhookBody(batch).length).toBeLessThanOrEqual(most);
        expect(encodeObject(batch).length).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('an object', () => {
  it('is one line per event, each ended', () => {
    const batch = aBatch({ events: 3 });
    const content = text(encodeObject(batch));
    expect(content.endsWith('\n')).toBe(true);
    expect(content.slice(0, -1).split('\n')).toEqual(batch.lines.map(text));
  });
});

describe('the name of an object', () => {
  const named = (batch = aBatch()): string => objectName(batch, encodeObject(batch));

  it('tells tenant, day, hour, time and sequence, and can be listed in order', () => {
    expect(named()).toMatch(
      /^tenant=acme\/dt=2026-11-20\/hour=10\/2026-11-20T101502\.123Z_0000000001_[0-9a-f]{8}\.ndjson\.gz$/,
    );
  });

  it('is a function of the batch', () => {
    expect(named(aBatch({ events: 3 }))).toBe(named(aBatch({ events: 3 })));
  });

  it('differs when anything of the content, the chain or the subscription differs', () => {
    const names = [
      aBatch(),
      aBatch({ events: 2 }),
      aBatch({ sequence: 2 }),
      aBatch({ previous: 'a'.repeat(64) }),
      aBatch({ subscription: 'acme-siem' }),
      aBatch({ tenant: 'baltic' }),
    ].map(named);
    expect(new Set(names).size).toBe(names.length);
  });

  it('takes the time of the segment when the events have none, or one that is no time', () => {
    const { firstTime: _, ...timeless } = aBatch();
    expect(named(timeless)).toContain('hour=10/2026-11-20T101530.000Z_');
    expect(named(aBatch({ firstTime: '../../etc' }))).toContain('hour=10/2026-11-20T101530.000Z_');
  });

  it("files an operator's subscription under a name that no tenant can have", () => {
    expect(named(aBatch({ tenant: '*' }))).toMatch(/^tenant=_all\//);
  });

  it('hashes subscription, chain and content', () => {
    const batch = aBatch();
    const hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
    const content = encodeObject(batch);
    const expected = hex(`acme-soc\n${'0'.repeat(64)}\n${hex(content)}`).slice(0, 8);
    expect(named(batch)).toContain(`_${expected}.`);
  });
});

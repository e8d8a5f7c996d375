import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import { encodeObject, encodeWebhookBody } from '../../shared/core/batch-encoding.ts';
import type { EcsEvent } from '../../shared/core/event.ts';
import { eventIdIn, eventTimeIn, lineIn } from '../../shared/core/form.ts';
import { toCef } from '../../shared/core/formats/cef.ts';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import { subscriptionFormats } from '../../shared/core/subscription.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { edgeHits, readSample, sampleHits } from '../support/sample-hits.ts';
import { aSubscription } from '../support/world.ts';

const events: readonly EcsEvent[] = [...sampleHits(), ...edgeHits()].map(
  (hit) => readSample(hit, '2026-05-05T12:00:00.000Z').event,
);
const batchOf = (format: (typeof subscriptionFormats)[number]) => ({
  id: 'msg_1',
  subscription: 'acme-soc',
  tenant: 'acme',
  sequence: 1,
  previous: '0'.repeat(64),
  lines: events.map((event) => lineIn({ format }, Buffer.from(JSON.stringify(event)))),
  committedAt: '2026-05-05T12:00:00.000Z',
});

describe.each(subscriptionFormats)('events as %s', (format) => {
  it('still tell which event they are, and when it was', () => {
    for (const event of events) {
      const line = lineIn({ format }, Buffer.from(JSON.stringify(event)));
      expect(eventIdIn(line)).toBe(event.event.id);
      if (event['@timestamp'] !== undefined) expect(eventTimeIn(line)).toBe(event['@timestamp']);
    }
  });

  it('are a list in a webhook', () => {
    const body = JSON.parse(Buffer.from(encodeWebhookBody(batchOf(format))).toString());
    expect(body.data.events).toHaveLength(events.length);
    if (format === 'cef') expect(body.data.events).toEqual(events.map(toCef));
  });

  it('are a line each in an object, whose name says what they are', async () => {
    const text = Buffer.from(encodeObject(batchOf(format), format)).toString();
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(events.length);
    if (format === 'cef') expect(lines).toEqual(events.map(toCef));

    const store = memoryBlobStore();
    const signingKeys = async () => signingKeysOf({ current: 'the root key of this test, long enough' });
    const destination = blobDestination({ store, subscription: aSubscription({ format }), signingKeys });
    expect(await destination.send(batchOf(format), { number: 1 })).toMatchObject({ kind: 'delivered' });
    const [name = ''] = await store.list('', { limit: 10 });
    expect(name).toMatch(format === 'cef' ? /\.cef\.gz$/ : /\.ndjson\.gz$/);
    expect(gunzipSync((await store.get(name)) ?? new Uint8Array()).toString()).toBe(text);
  });
});

import { gunzipSync, gzipSync } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import { s3BlobStore } from '../../shared/adapters/s3-blob-store.ts';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import { rootKey } from '../support/a-webhook.ts';
import { awsTestSettings } from '../support/aws-test-settings.ts';
import { refusal, s3OnTheWire } from '../support/s3-on-the-wire.ts';
import { aSubscription } from '../support/world.ts';
import { aDelivery, aMinuteMs } from './d-stage.ts';

const { region } = awsTestSettings;
const prefix = 'closer';
const twoByTwo = { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 };

const s3 = { type: 's3', bucket: 'acme-security', prefix, region } as const;

/** `20261123T072600Z`, as requests are signed. */
const dateShape = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

const withDate = (status: number, body: string, atMs: number): [number, string, Record<string, string>] => [
  status,
  body,
  { date: new Date(atMs).toUTCString() },
];

/** The bucket of a customer, asked once for each request: waits between attempts are the deliver flow's here. */
const aBucket = (
  instead?: Parameters<typeof s3OnTheWire>[0]['instead'],
  { bucket = s3.bucket, attempts = 1 }: { readonly bucket?: string; readonly attempts?: number } = {},
) => {
  const requests = s3OnTheWire({ bucket, region, ...(instead && { instead }) });
  const store = s3BlobStore({ client: new S3Client({ ...awsTestSettings, maxAttempts: attempts }), bucket, prefix });
  const destination = blobDestination({
    store,
    subscription: aSubscription({ id: 'soc', tenant: '*', destination: s3 }),
    signingKeys: async () => signingKeysOf({ current: rootKey }),
  });
  /** `event.id` of every object, in the order of their names, which is that of their times and sequences. */
  const stored = async (): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (const name of await names()) {
      const object = (await store.get(name)) ?? new Uint8Array();
      for (const line of gunzipSync(object).toString('utf8').trim().split('\n')) ids.push(JSON.parse(line).event.id);
    }
    return ids;
  };
  const names = async (): Promise<readonly string[]> => {
    const all: string[] = [];
    for (let after: string | undefined; ; after = all.at(-1)) {
      const page = await store.list('tenant=', { limit: 1000, ...(after !== undefined && { after }) });
      if (page.length === 0) return all;
      all.push(...page);
    }
  };
  const puts = (): number => requests.filter(({ method }) => method === 'PUT').length;
  return { store, destination, stored, names, puts };
};

const deliveryTo = async (count = 6) => {
  const delivery = await aDelivery(count);
  return {
    ...delivery,
    to: (destination: Parameters<typeof delivery.deliver>[0]) =>
      delivery.deliver(destination, { destination: s3, batch: twoByTwo }),
  };
};

describe('S3 on the wire', () => {
  it('D13 two writers put one key at once: the same content is one object, other content is left alone and named', async () => {
    const { destination, stored, names, puts } = aBucket();
    const [one, other] = [await deliveryTo(), await deliveryTo()];
    await Promise.all([one.to(destination), other.to(destination)]);
    expect(await stored()).toEqual(one.ids);
    expect({ puts: puts(), objects: (await names()).length }).toEqual({ puts: 6, objects: 3 });
    for (const { state } of [one, other]) expect(state()).toMatchObject({ sequence: 3, counts: { delivered: 6 } });
    expect(one.state().chain).toBe(other.state().chain);

    // Somebody else writes there under a name of ours.
    const [name = ''] = await names();
    const taken = aBucket(undefined, { bucket: 'acme-taken' });
    const theirs = gzipSync('{"event":{"id":"theirs"}}\n');
    await taken.store.putIfAbsent(name, theirs, { contentType: 'application/x-ndjson', contentEncoding: 'gzip' });
    const delivery = await deliveryTo();
    await delivery.to(taken.destination);
    expect(delivery.lastOutcome()).toBe('misconfigured');
    expect(delivery.lastAnswer()).toBe(
      `s3://acme-taken/closer holds something else as ${name}. Find out who writes there, and move it away.`,
    );
    expect(delivery.state()).toMatchObject({ cursor: { segment: 1, index: 0 }, health: { status: 'paused' } });
    expect(await taken.stored()).toEqual(['theirs']);
  });

  it('D13 S3 says SlowDown, before it has written or after: tried again by the timetable, each event in one object', async () => {
    let asked = 0;
    const { destination, stored } = aBucket(async ({ method }, put) => {
      if (method !== 'PUT') return undefined;
      asked += 1;
      if (asked % 3 === 1) return refusal(503, 'SlowDown');
      if (asked % 3 === 2) await put();
      return asked % 3 === 2 ? refusal(503, 'SlowDown') : undefined;
    });
    const delivery = await deliveryTo();
    for (let minute = 0; minute < 60; minute += 1) {
      await delivery.to(destination);
      delivery.clock.advance(aMinuteMs);
    }
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual([
      'retry',
      'retry',
      'delivered',
      'retry',
      'retry',
      'delivered',
      'retry',
      'retry',
      'delivered',
    ]);
    expect(delivery.attempts[0]?.answer).toContain('SlowDown');
    expect(await stored()).toEqual(delivery.ids);
    expect(delivery.state()).toMatchObject({ sequence: 3, counts: { delivered: 6 }, health: { status: 'active' } });
  });

  it('D13 the policy of the bucket changes: paused at once with what S3 said and who must act, the cursor kept; put right, it goes on', async () => {
    let policy: 'allows' | 'allows one more' | 'denies' = 'allows one more';
    const { destination, stored } = aBucket(({ method }) => {
      if (method !== 'PUT' || policy === 'allows') return undefined;
      if (policy === 'denies') return refusal(403, 'AccessDenied');
      policy = 'denies';
      return undefined;
    });
    const delivery = await deliveryTo();
    await delivery.to(destination);
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['delivered', 'misconfigured']);
    expect(delivery.lastAnswer()).toMatch(
      /^Bucket acme-security .*cannot be used \(AccessDenied: .*Give the role that runs this the right/,
    );
    expect(delivery.state()).toMatchObject({ cursor: { segment: 1, index: 2 }, health: { status: 'paused' } });
    expect(delivery.alerts).toMatchObject([
      { kind: 'subscription paused', text: expect.stringContaining('AccessDenied') },
    ]);
    policy = 'allows';
    delivery.clock.advance(2 * 60 * aMinuteMs);
    await delivery.to(destination);
    expect(await stored()).toEqual(delivery.ids);
    expect(delivery.state()).toMatchObject({ sequence: 3, health: { status: 'active', failures: 0 } });
  });

  it('D13 our clock is 20 minutes wrong: put right from the answer of S3 where it can be, otherwise a message that names the clock', async () => {
    const aheadMs = 20 * aMinuteMs;
    /** S3 judges by its own clock, and says what it is where `says` is so. */
    const s3Ahead = (says: 'its time' | 'nothing') => (request: Request) => {
      const signedAt = (request.headers.get('x-amz-date') ?? '').replace(dateShape, '$1-$2-$3T$4:$5:$6Z');
      const nowMs = Date.now() + aheadMs;
      if (Math.abs(nowMs - Date.parse(signedAt)) <= 15 * aMinuteMs) return undefined;
      const [status, body] = refusal(403, 'RequestTimeTooSkewed');
      return says === 'nothing' ? refusal(status, 'RequestTimeTooSkewed') : withDate(status, body, nowMs);
    };
    const mended = await deliveryTo();
    const speaking = aBucket(s3Ahead('its time'), { attempts: 3 });
    await mended.to(speaking.destination);
    expect(mended.attempts.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await speaking.stored()).toEqual(mended.ids);

    const delivery = await deliveryTo();
    const silent = aBucket(s3Ahead('nothing'), { bucket: 'acme-silent' });
    await delivery.to(silent.destination);
    expect(delivery.lastOutcome()).toBe('misconfigured');
    expect(delivery.lastAnswer()).toMatch(
      /RequestTimeTooSkewed.*clock differs from AWS's by more than AWS allows: set the clock\./,
    );
    expect(delivery.state()).toMatchObject({ cursor: { segment: 1, index: 0 }, health: { status: 'paused' } });
    expect(delivery.alerts[0]?.text).toContain('set the clock');
  });
});

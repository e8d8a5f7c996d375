import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3BlobStore } from '../../shared/adapters/s3-blob-store.ts';
import { verifyDelivered } from '../../shared/flows/verify-delivered.ts';
import { verifyJournal } from '../../shared/flows/verify-journal.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { aDelivery } from '../mutations/a-delivery.ts';
import { nowMs, ourKeys, source } from '../mutations/a-journal.ts';
import { sixSegments } from '../mutations/six-segments.ts';
import { memoryScratch } from '../mutations/verified.ts';
import { awsTestSettings } from '../support/aws-test-settings.ts';
import { s3OnTheWire } from '../support/s3-on-the-wire.ts';

const bucket = 'acme-logs';

/** A bucket that holds these files; it counts what is asked of it afterwards. */
const aBucket = async (files: ReadonlyMap<string, Uint8Array>) => {
  const requests = s3OnTheWire({ bucket, region: awsTestSettings.region });
  const store = s3BlobStore({ client: new S3Client(awsTestSettings), bucket, prefix: 'sluice' });
  for (const [name, bytes] of files) await store.putIfAbsent(name, bytes);
  const written = requests.length;
  return { store, asked: () => requests.slice(written).map(({ method }) => method) };
};

const given = () => ({ clock: recordingClock({ startMs: nowMs }), scratch: memoryScratch(), keys: ourKeys });

it('a journal in S3 is verified with reads and listings alone', async () => {
  const { files, last } = await sixSegments();
  const { store, asked } = await aBucket(files);
  const verdict = await verifyJournal({ store, source, retentionMs: 30 * 86_400_000, ...given() });
  expect({ break: verdict.break, segments: verdict.segments }).toEqual({
    break: undefined,
    segments: last,
  });
  expect(new Set(asked())).toEqual(new Set(['GET']));
});

it('what a destination received in S3 is verified with reads and listings alone', async () => {
  const { files, digests, young } = await aDelivery(3);
  const { store, asked } = await aBucket(files);
  const verdict = await verifyDelivered({ store, ...given() });
  expect({ break: verdict.break, digests: verdict.digests, young: verdict.notYetAttested }).toEqual({
    break: undefined,
    digests: digests.length,
    young: young.length,
  });
  expect(digests.length).toBeGreaterThan(1);
  expect(new Set(asked())).toEqual(new Set(['GET']));
});

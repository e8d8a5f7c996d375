import { describe, expect, it } from 'vitest';
import { openBlobStore } from '../../shared/adapters/open-blob-store.ts';
import { openRecordStore } from '../../shared/adapters/open-record-store.ts';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { openWorkQueue } from '../../shared/adapters/open-work-queue.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

describe('the settings open', () => {
  it('a folder, or a bucket', async () => {
    const folder = await openBlobStore({ kind: 'folder', path: '.sluice/journal' });
    const bucket = await openBlobStore({ kind: 's3', bucket: 'acme-journal', prefix: 'sluice/' });
    expect([folder.description, bucket.description]).toEqual(['folder .sluice/journal', 's3://acme-journal/sluice']);
  });

  it('a SQLite file, or a DynamoDB table, each of which can be closed', async () => {
    const file = await openRecordStore({ kind: 'sqlite', path: '.sluice/state.sqlite' });
    const table = await openRecordStore({ kind: 'dynamodb', table: 'sluice-state' });
    expect([file.description, table.description]).toEqual([
      'SQLite .sluice/state.sqlite',
      'DynamoDB table sluice-state',
    ]);
    file.close();
    table.close();
  });

  it('a queue within the process that can be taken from, or one that somebody else takes from', async () => {
    const inline = await openWorkQueue({ kind: 'inline' });
    const sqs = await openWorkQueue({ kind: 'sqs', url: 'https://sqs.eu-central-1.amazonaws.com/1/work.fifo' });
    expect([inline.take?.(), sqs.take]).toEqual([[], undefined]);
  });

  it('secrets of the environment that is handed over', async () => {
    const env = { SLUICE_SECRET_ROOT_KEY: 'k'.repeat(44) };
    const secrets = await openSecrets({ kind: 'env' }, { env, clock: recordingClock() });
    expect(await secrets.get('rootKey')).toEqual({ current: 'k'.repeat(44) });
  });
});

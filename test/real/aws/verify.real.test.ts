import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { awsClientSettings, objectRequestTimeoutMs } from '../../../shared/adapters/aws-clients.ts';
import { sluice } from '../../support/sluice-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeReal } from '../support/server-url.ts';
import { howToStart } from './how-to-start.ts';

const samples = join(import.meta.dirname, '../../../samples');
const region = 'us-east-1';

describeReal('sluice verify on S3', 'AWS_ENDPOINT_URL', howToStart, () => {
  it('finds journal and bucket intact, then names the object that was overwritten', { timeout: 120_000 }, async () => {
    const client = new S3Client(awsClientSettings(objectRequestTimeoutMs));
    const bucket = `sluice-test-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const cwd = await temporaryFolder();
    const destination = { type: 's3', bucket, prefix: 'out', region };
    writeFileSync(
      join(cwd, 'subscriptions.json'),
      JSON.stringify([{ id: 'aurora-bucket', tenant: 'aurora', start: 'beginning', destination }]),
    );
    const aws = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
    const place = {
      cwd,
      env: {
        ...(aws as Record<string, string>),
        SLUICE_SOURCE_URL: `file:${join(samples, 'samples.ndjson')}`,
        SLUICE_TENANTS_FILE: join(samples, 'tenants.json'),
        SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
        SLUICE_JOURNAL_URL: `s3://${bucket}/journal`,
      },
    };
    for (const words of [['pull'], ['deliver'], ['head']])
      expect(await sluice(words, place)).toMatchObject({ code: 0 });

    const journal = await sluice(['verify'], place);
    expect(journal).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Intact: .*150 events.*1 signed head/) });
    const delivered = await sluice(['verify', '--bucket', `s3://${bucket}/out`, '--region', region], place);
    expect(delivered).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Intact: .* not yet attested/) });

    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: 'journal/segments/' }),
    );
    const Key = Contents[0]?.Key ?? '';
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'overwritten' }));
    const broken = await sluice(['verify'], place);
    expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining(Key.replace('journal/', 'Broken: ')) });
  });
});

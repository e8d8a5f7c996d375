import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../../shared/flows/doctor/finding.ts';
import { sluice } from '../../support/sluice-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeReal } from '../support/server-url.ts';
import { howToStart } from './how-to-start.ts';

/** Parts of a deployed stage, each there and each missing. */
describeReal('doctor on AWS-like servers', 'AWS_ENDPOINT_URL', howToStart, (endpoint) => {
  const run = `doctor-${process.pid}`;
  const settings = { endpoint, region: process.env['AWS_REGION'] ?? 'us-east-1' };
  let queue = '';

  beforeAll(async () => {
    const s3 = new S3Client(settings);
    await s3.send(new CreateBucketCommand({ Bucket: `${run}-journal` }));
    await s3.send(new CreateBucketCommand({ Bucket: `${run}-customer` }));
    const made = await new SQSClient(settings).send(
      new CreateQueueCommand({ QueueName: `${run}.fifo`, Attributes: { FifoQueue: 'true' } }),
    );
    queue = made.QueueUrl ?? '';
    const secret = { Name: `sluice/${run}`, SecretString: JSON.stringify({ rootKey: 'canary-'.repeat(6) }) };
    await new SecretsManagerClient(settings).send(new CreateSecretCommand(secret));
  });

  const doctor = async (name: string) => {
    const cwd = await temporaryFolder();
    const destination = { type: 's3', bucket: `${name}-customer`, prefix: 'closer', region: settings.region };
    writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify([{ id: 'acme-s3', tenant: 'aurora', destination }]));
    const aws = Object.entries(process.env).filter(([key, value]) => key.startsWith('AWS_') && value !== undefined);
    const env = {
      ...(Object.fromEntries(aws) as Record<string, string>),
      SLUICE_JOURNAL_URL: `s3://${name}-journal/journal`,
      SLUICE_QUEUE_URL: `sqs:${queue.replace(run, name)}`,
      SLUICE_SECRETS: `secretsmanager:sluice/${name}`,
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
    };
    const { stdout, code } = await sluice(['doctor', '--json'], { cwd, env });
    expect(stdout).not.toContain('canary');
    const findings: readonly Finding[] = JSON.parse(stdout);
    return { code, of: (check: string) => findings.find((finding) => finding.check === check) };
  };

  it('finds what is there, and says what it could not see', async () => {
    const { code, of } = await doctor(run);
    expect(of('secrets/rootKey')?.verdict).toBe('ok');
    expect(of('journal')?.message).toBe(`s3://${run}-journal/journal can be reached; nothing is journaled yet.`);
    expect(of('queue')).toMatchObject({ verdict: 'warning', message: expect.stringContaining('no dead-letter queue') });
    expect(of('destination/acme-s3')?.message).toBe(
      `s3://${run}-customer is there. Whether it may be written shows with the first batch.`,
    );
    expect(code).toBe(1);
  });

  it('names each part that is missing', async () => {
    const { code, of } = await doctor(`${run}-none`);
    expect(code).toBe(2);
    for (const [check, words] of [
      ['secrets/rootKey', 'ResourceNotFoundException'],
      ['journal', 'NoSuchBucket'],
      ['queue', 'QueueDoesNotExist'],
      ['destination/acme-s3', `There is no bucket ${run}-none-customer.`],
    ] as const)
      expect(of(check)).toMatchObject({ verdict: 'problem', message: expect.stringContaining(words) });
  });
});

import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { awsClientSettings, smallRequestTimeoutMs } from '../../../shared/adapters/aws-clients.ts';
import { createStateTable } from '../../support/state-table.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { race, settle } from '../kill/race.ts';
import {
  anEntry,
  deliveredIntoFolder,
  deliveredOnceTo,
  expectEachOnce,
  seeded,
  unreliable,
  writeSubscriptions,
} from '../kill/stage.ts';
import { describeReal } from '../support/server-url.ts';
import { howToStart } from './how-to-start.ts';

/** Our processes inherit no `AWS_` setting: what they get is written here. */
const reaching = (s3: string, tables: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: s3,
  AWS_ENDPOINT_URL_DYNAMODB: tables,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
});

describeReal('many processes on one table and one bucket', 'DDB_LOCAL_URL', howToStart, (tables) => {
  const s3 = process.env['AWS_ENDPOINT_URL'] ?? '';

  it('have lost and doubled nothing: eight pulls and eight deliveries at once', { timeout: 600_000 }, async () => {
    const name = `sluice-race-${randomUUID()}`;
    await createStateTable(new DynamoDBClient({ ...awsClientSettings(smallRequestTimeoutMs), endpoint: tables }), name);
    await new S3Client({ endpoint: s3, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: name }));
    const cwd = await temporaryFolder();
    const { hooks, calmDown } = await unreliable(50);
    await using _ = hooks;
    const subscriptions = await writeSubscriptions(cwd, hooks.url);
    const env = {
      ...reaching(s3, tables),
      SLUICE_SOURCE_URL: 'file:log.ndjson',
      SLUICE_STATE_URL: `dynamodb:${name}`,
      SLUICE_JOURNAL_URL: `s3://${name}/journal`,
      SLUICE_TENANT: 'acme',
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
    };

    const ids: string[] = [];
    let writing = true;
    const write = async (): Promise<void> => {
      const random = seeded(2);
      while (writing) {
        const lines: string[] = [];
        for (let count = Math.floor(random() * 40); count >= 0; count -= 1) {
          const n = ids.push(`closer/e${ids.length}`) - 1;
          lines.push(JSON.stringify({ _index: 'closer', _id: `e${n}`, _source: anEntry(n, random() * 2000) }));
        }
        await appendFile(join(cwd, 'log.ndjson'), `${lines.join('\n')}\n`);
        await pause(50);
      }
    };
    const written = write();
    try {
      await race({ cwd, env, each: 8, rounds: 3 });
    } finally {
      writing = false;
      await written;
    }
    calmDown();
    await settle({ cwd, env });

    expect(ids.length).toBeGreaterThan(0);
    const failures = ids.filter((_id, n) => n % 3 === 0);
    for (const id of subscriptions.filter((each) => each !== 'folder'))
      expectEachOnce(deliveredOnceTo(hooks.received, id), id === 'failures' ? failures : ids, id);
    expectEachOnce(await deliveredIntoFolder(cwd), ids, 'folder');
  });
});

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SignedHead } from '../../../shared/core/head.ts';
import { checkSignature, keySetIn } from '../../../shared/core/signing-key.ts';
import { expectNoCanary } from '../../support/canaries.ts';
import { type Receiver, receiver } from '../../support/receiver.ts';
import { serverAt } from '../elasticsearch/server.ts';
import { describeReal } from '../support/server-url.ts';
import { type Commands, commandsWith, outputsOf } from './commands.ts';
import { gatewayAt } from './gateway.ts';

const root = join(import.meta.dirname, '../../..');
const howTo =
  'eval "$(test/real/aws/start)", an ELASTICSEARCH_URL (test/real/elasticsearch/start), then npx vitest run --config vitest.real.config.ts test/real/deploy';
const elasticsearchUrl = process.env['ELASTICSEARCH_URL'];
const externalId = 'sluice-test-external-id';
const bucket = `customer-archive-${process.pid}`;
const index = `closer-deployed-${process.pid}`;
const stage = `t${process.pid}`;
const settingsFolder = join(root, 'test/real/deploy', `settings-${process.pid}`);

interface Sample {
  readonly _id: string;
  readonly _source: unknown;
}

const readSamples = async (): Promise<readonly Sample[]> =>
  (await readFile(join(root, 'samples/samples.ndjson'), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const subscriptions = (webhookUrl: string) => {
  const archive = { type: 's3', bucket, prefix: 'closer', region: 'us-east-1' };
  const roleArn = 'arn:aws:iam::000000000000:role/sluice-delivery-customer';
  const common = { tenant: '*', start: 'beginning', format: 'ecs' };
  return [
    { id: 'soc', ...common, destination: { type: 'webhook', url: webhookUrl } },
    { id: 'archive', ...common, destination: { ...archive, roleArn, externalId } },
    { id: 'without-role', ...common, destination: { ...archive, prefix: 'without-role' } },
    {
      id: 'wrong-external-id',
      ...common,
      destination: { ...archive, prefix: 'closer/wrong', roleArn, externalId: 'guessed-external-id' },
    },
    {
      id: 'role-of-another-name',
      ...common,
      destination: {
        ...archive,
        prefix: 'closer/other',
        roleArn: 'arn:aws:iam::000000000000:role/administrator',
        externalId,
      },
    },
  ];
};

describeReal('Sluice deployed by sls deploy', 'AWS_ENDPOINT_URL', howTo, (endpoint) => {
  const s3 = new S3Client({});
  const sqs = new SQSClient({});
  let hook: Receiver;
  let cloud: Commands;
  let output: (name: string) => string;
  let ids: readonly string[];
  let operator: Commands;
  const customer = commandsWith({}, join(root, 'test/real/deploy/customer'));
  const customerParams = ['--param', `bucket=${bucket}`, '--param', `externalId=${externalId}`];
  const stageOptions = ['--stage', stage];

  beforeAll(async () => {
    if (!elasticsearchUrl) throw new Error(`ELASTICSEARCH_URL must name a server. ${howTo}`);
    const samples = await readSamples();
    ids = samples.map(({ _id }) => `${index}/${_id}`).sort();
    await serverAt(elasticsearchUrl).index(samples.map(({ _id, _source }) => ({ index, id: _id, source: _source })));
    hook = await receiver();
    await mkdir(settingsFolder);
    const subscriptionsFile = join(settingsFolder, 'subscriptions.json');
    const tenantsFile = join(settingsFolder, 'tenants.json');
    await writeFile(subscriptionsFile, JSON.stringify(subscriptions(hook.url)));
    await writeFile(tenantsFile, await readFile(join(root, 'samples/tenants.json')));
    const settings = {
      SLUICE_SOURCE_URL: elasticsearchUrl,
      SLUICE_SOURCE_INDEX: index,
      SLUICE_TENANTS_FILE: relative(root, tenantsFile),
      SLUICE_SUBSCRIPTIONS_FILE: relative(root, subscriptionsFile),
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
    };
    cloud = commandsWith(settings);
    await customer.sls('deploy', ...customerParams, ...stageOptions);
    await cloud.sls('deploy', ...stageOptions, '--param', 'visibilitySeconds=2');
    output = await outputsOf({ ...cloud, sls: (...args) => cloud.sls(...args, ...stageOptions) });
    operator = commandsWith({
      ...settings,
      SLUICE_STATE_URL: `dynamodb:${output('StateTable')}`,
      SLUICE_JOURNAL_URL: `s3://${output('JournalBucket')}/journal`,
      SLUICE_SECRETS: `secretsmanager:${output('Secret')}`,
    });
  }, 300_000);

  afterAll(async () => {
    await rm(settingsFolder, { recursive: true, force: true });
    await hook?.[Symbol.asyncDispose]();
  });

  const call = gatewayAt(endpoint, () => output('HttpApiId'));
  const get = (path: string, key?: string) => call('GET', path, { ...(key !== undefined && { key }) });

  const keyOf = async (tenant: string, scope: string): Promise<string> => {
    const made = await operator.sluice('keys', 'create', '--tenant', tenant, '--scope', scope, '--json');
    return (JSON.parse(made) as { key: string }).key;
  };

  const statusOf = async (id: string) => {
    const { subscriptions } = JSON.parse(await operator.sluice('status', '--json')) as {
      subscriptions: { id: string; delivered: number; lastAnswer?: string }[];
    };
    return subscriptions.find((subscription) => subscription.id === id);
  };

  it('brings every event to the webhook once, pulled by the schedule, each request verified by standardwebhooks', async () => {
    await vi.waitFor(() => expect(eventsIn(hook).length).toBeGreaterThanOrEqual(ids.length), {
      timeout: 150_000,
      interval: 500,
    });
    expect(eventsIn(hook).sort()).toEqual(ids);
    const webhook = new Webhook((await operator.sluice('subscriptions', 'secret', 'soc')).trim());
    for (const { body, headers } of hook.received) {
      webhook.verify(body.toString('utf8'), { ...headers });
      expectNoCanary(body);
    }
  }, 180_000);

  it("writes every event once into the customer's bucket, with the customer's role", async () => {
    const objects = () => s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'closer/tenant=' }));
    await vi.waitFor(async () => expect((await objects()).KeyCount).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 500,
    });
    await vi.waitFor(async () => expect((await statusOf('archive'))?.delivered).toBe(ids.length), {
      timeout: 60_000,
      interval: 1000,
    });
    const found: string[] = [];
    for (const { Key } of (await objects()).Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString('utf8');
      found.push(
        ...text
          .split('\n')
          .filter(Boolean)
          .map((line) => (JSON.parse(line) as LoggedEvent).event.id),
      );
    }
    expect(found.sort()).toEqual(ids);
  }, 120_000);

  it.each([
    ['without-role', 'a bucket that no role of the customer opens'],
    ['wrong-external-id', 'a role whose external id is another one'],
    ['role-of-another-name', 'a role that is not named for deliveries'],
  ])(
    '%s: the deliver function has no right to %s',
    async (id) => {
      await vi.waitFor(async () => expect((await statusOf(id))?.lastAnswer).toMatch(/AccessDenied|not authorized/), {
        timeout: 60_000,
        interval: 1000,
      });
      expect((await statusOf(id))?.delivered).toBe(0);
    },
    90_000,
  );

  it('delivers to a webhook made through the API, once its endpoint has answered the challenge', async () => {
    const key = await keyOf('aurora', 'subscriptions:write');
    await using answering: Receiver = await receiver({ answer: (response) => response.end(challengeIn(answering)) });
    const destination = { type: 'webhook', url: answering.url };
    const created = await call('POST', '/v1/subscriptions', { key, body: { start: 'beginning', destination } });
    expect({ ...created, body: created.status === 201 ? '' : created.body }).toEqual({ status: 201, body: '' });
    const { subscription, signing } = JSON.parse(created.body) as {
      subscription: { id: string };
      signing: { secret: string };
    };
    const path = `/v1/subscriptions/${subscription.id}`;
    const progress = async () =>
      JSON.parse((await get(path, key)).body) as { state: string; progress: { delivered: number } };
    await vi.waitFor(async () => expect((await progress()).progress.delivered).toBe(55), {
      timeout: 60_000,
      interval: 500,
    });
    expect((await progress()).state).toBe('active');
    const webhook = new Webhook(signing.secret);
    for (const { body, headers } of answering.received) webhook.verify(body.toString('utf8'), { ...headers });
    expect(eventsIn(answering)).toHaveLength(55);
    const attempts = JSON.parse((await get(`${path}/attempts`, key)).body) as { items: { kind: string }[] };
    expect(attempts.items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['challenge', 'batch']));
    expect((await get('/v1/audit', key)).body).toContain('subscription-created');
    expect((await get(path, await keyOf('baltic', 'subscriptions:read'))).status).toBe(404);
    expect((await call('DELETE', path, { key, ifMatch: '*' })).status).toBe(204);
    expect((await get(path, key)).status).toBe(404);
  }, 120_000);

  it("answers a query with a key, for the key's tenant only, and nobody without one", async () => {
    expect((await get('/v1/events?limit=5')).status).toBe(401);
    const { key } = JSON.parse(await operator.sluice('keys', 'create', '--tenant', 'aurora', '--json')) as {
      key: string;
    };
    const { status, body } = await get('/v1/events?action=agent_login&limit=5', key);
    expect({ status, body: status === 200 ? '' : body }).toEqual({ status: 200, body: '' });
    const { events } = JSON.parse(body) as { events: LoggedEvent[] };
    expect(events.length).toBeGreaterThan(0);
    expect(events.every(({ event }) => event.action === 'agent_login')).toBe(true);
    expectNoCanary(body);
    expect((await get('/v1/events?limit=none', key)).status).toBe(400);
  }, 60_000);

  it('serves the public keys to anybody, and they verify the head that the reconcile function signs', async () => {
    const { status, body } = await get('/.well-known/sluice-keys.json');
    expect(status).toBe(200);
    const keys = keySetIn(JSON.parse(body));
    const { head } = JSON.parse(await cloud.sls('invoke', '-f', 'reconcile', ...stageOptions)) as { head: string };
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: output('JournalBucket'), Key: `journal/${head}` }));
    const signed = JSON.parse((await Body?.transformToString()) ?? '') as SignedHead;
    expect(signed.head.subscriptions.map(({ id }) => id)).toContain('archive');
    expect(keys && checkSignature(signed.head, signed, keys)).toBe('good');
    expect(JSON.parse(await operator.sluice('head', '--keys'))).toEqual(JSON.parse(body));
  }, 60_000);

  it('moves a message that is no wake-up to the dead-letter queue', async () => {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: here(output('WorkQueue')),
        MessageBody: 'poison',
        MessageGroupId: 'poison',
        MessageDeduplicationId: 'poison',
      }),
    );
    const dead = async () =>
      (
        await sqs.send(
          new GetQueueAttributesCommand({
            QueueUrl: here(output('WorkDeadLetters')),
            AttributeNames: ['ApproximateNumberOfMessages'],
          }),
        )
      ).Attributes?.['ApproximateNumberOfMessages'];
    await vi.waitFor(async () => expect(await dead()).toBe('1'), { timeout: 60_000, interval: 500 });
  }, 90_000);

  it('is gone after sls remove, except for the journal, the state and the secret', async () => {
    const kept = output('JournalBucket');
    await cloud.sls('remove', ...stageOptions);
    await customer.sls('info', ...stageOptions, ...customerParams);
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: kept, Prefix: 'journal/manifests/' }));
    expect(KeyCount).toBe(1);
    expect((await operator.sluice('status', '--json')).length).toBeGreaterThan(0);
  }, 120_000);

  /** The emulator names its queues by `localhost`; it listens on the address of the endpoint. */
  const here = (queueUrl: string): string => new URL(new URL(queueUrl).pathname, endpoint).href;
});

interface LoggedEvent {
  readonly event: { readonly id: string; readonly action?: string };
}

/** Each once, although a webhook may repeat a batch under its id. */
const eventsIn = ({ received }: Receiver): string[] => {
  const batches = new Map(received.map(({ headers, body }) => [headers['webhook-id'], body.toString('utf8')]));
  return [...batches.values()].flatMap((body) =>
    ((JSON.parse(body) as { data: { events?: LoggedEvent[] } }).data.events ?? []).map(({ event }) => event.id),
  );
};

/** The token of the challenge that came last; nothing when it was something else. */
const challengeIn = ({ received }: Receiver): string =>
  (JSON.parse(received.at(-1)?.body.toString('utf8') ?? '{}') as { data?: { challenge?: string } }).data?.challenge ??
  '';

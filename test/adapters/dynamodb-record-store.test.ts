import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import nock from 'nock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dynamodbRecordStore } from '../../shared/adapters/dynamodb-record-store.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { describeRecordStore } from '../contracts/record-store-contract.ts';
import { awsTestSettings, oneAttempt } from '../support/aws-test-settings.ts';
import { createStateTable } from '../support/state-table.ts';

const server = dynalite({ createTableMs: 0 });
let endpoint: string;
let tables = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describeRecordStore('DynamoDB (dynalite)', async () => {
  const client = new DynamoDBClient({ ...awsTestSettings, endpoint });
  tables += 1;
  const table = `state-${tables}`;
  await createStateTable(client, table);
  return () => dynamodbRecordStore({ client: DynamoDBDocumentClient.from(client), table });
});

describe('an item whose value is no JSON any more', () => {
  it('has undefined for a value, and its version: it can be replaced, not taken for absent', async () => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...awsTestSettings, endpoint }));
    await createStateTable(client, 'damaged');
    const store = dynamodbRecordStore({ client, table: 'damaged' });
    await store.compareAndSet({ partition: 'p', id: 'a', value: { n: 1 } }, 0);
    const change = { UpdateExpression: 'SET #value = :cut', ExpressionAttributeNames: { '#value': 'value' } };
    const values = { ExpressionAttributeValues: { ':cut': '{"n":' } };
    await client.send(new UpdateCommand({ TableName: 'damaged', Key: { pk: 'p', sk: 'a' }, ...change, ...values }));
    expect(await store.get('p', 'a')).toMatchObject({ version: 1, value: undefined });
    expect(await store.compareAndSet({ partition: 'p', id: 'a', value: 2 }, 0)).toBe('conflict');
    expect(await store.compareAndSet({ partition: 'p', id: 'a', value: 2 }, 1)).toBe('stored');
  });
});

const origin = `https://dynamodb.${awsTestSettings.region}.amazonaws.com`;
const record = { partition: 'p', id: 'a', value: { n: 1 }, dueAtMs: 7 };

const aStore = (settings: DynamoDBClientConfig = awsTestSettings) =>
  dynamodbRecordStore({ client: DynamoDBDocumentClient.from(new DynamoDBClient(settings)), table: 'state' });

/** An answer of DynamoDB that refuses. */
const refusal = (status: number, code: string): [number, object] => [
  status,
  { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'what DynamoDB says' },
];

describe('the requests of a DynamoDB store', () => {
  /** The bodies of the requests that were answered with `answer`. */
  const bodiesSent = (answer: object): Record<string, unknown>[] => {
    const bodies: Record<string, unknown>[] = [];
    nock(origin)
      .persist()
      .post('/')
      .reply(async (request: Request) => {
        bodies.push((await request.json()) as Record<string, unknown>);
        return [200, answer];
      });
    return bodies;
  };

  it('write under the condition that nothing was written yet', async () => {
    const bodies = bodiesSent({});
    await aStore().compareAndSet(record, 0);
    expect(bodies).toEqual([
      {
        TableName: 'state',
        Item: {
          pk: { S: 'p' },
          sk: { S: 'a' },
          version: { N: '1' },
          value: { S: '{"n":1}' },
          writer: { S: expect.any(String) },
          duePartition: { S: 'p' },
          dueAtMs: { N: '7' },
        },
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        ExpressionAttributeValues: { ':now': { N: expect.any(String) } },
      },
    ]);
  });

  it('write under the condition that the version is the expected one', async () => {
    const bodies = bodiesSent({});
    await aStore().compareAndSet(record, 4);
    expect(bodies[0]).toMatchObject({
      Item: { version: { N: '5' } },
      ConditionExpression: '#version = :expected AND (attribute_not_exists(expiresAt) OR expiresAt > :now)',
      ExpressionAttributeValues: { ':expected': { N: '4' } },
    });
  });

  it('name when the record expires in epoch seconds, as the time to live of a table wants it', async () => {
    const bodies = bodiesSent({});
    await aStore().compareAndSet({ partition: 'p', id: 'a', value: 1, expiresAtMs: 1_800_000_000_001 }, 0);
    expect(bodies[0]).toMatchObject({ Item: { expiresAt: { N: '1800000001' } } });
  });

  it('read consistently', async () => {
    const bodies = bodiesSent({});
    await aStore().get('p', 'a');
    await aStore().range('p', { limit: 5 });
    expect(bodies).toMatchObject([{ ConsistentRead: true }, { ConsistentRead: true }]);
  });
});

describe('what DynamoDB answers', () => {
  let write: () => Promise<'stored' | 'conflict'>;
  beforeEach(() => {
    const store = aStore();
    write = () => store.compareAndSet(record, 0);
  });
  const refused = () =>
    nock(origin)
      .post('/')
      .reply(...refusal(400, 'ConditionalCheckFailedException'));

  it('refused by its own first attempt, whose answer was lost: still stored', async () => {
    let writer: unknown;
    nock(origin)
      .post('/')
      .reply(async (request: Request) => {
        writer = ((await request.json()) as { Item: { writer: unknown } }).Item.writer;
        return refusal(500, 'InternalServerError');
      });
    refused();
    nock(origin)
      .post('/')
      .reply(() => [200, { Item: { pk: { S: 'p' }, sk: { S: 'a' }, version: { N: '1' }, value: { S: '1' }, writer } }]);
    expect(await write()).toBe('stored');
  });

  it('refused after a lost answer because somebody else won: conflict', async () => {
    nock(origin)
      .post('/')
      .reply(...refusal(500, 'InternalServerError'));
    refused();
    nock(origin)
      .post('/')
      .reply(200, {
        Item: { pk: { S: 'p' }, sk: { S: 'a' }, version: { N: '1' }, value: { S: '1' }, writer: { S: 'x' } },
      });
    expect(await write()).toBe('conflict');
  });

  it('refused at once: conflict, without another question', async () => {
    refused();
    expect(await write()).toBe('conflict');
    expect(nock.isDone()).toBe(true);
  });

  it('refused to remove by its own first attempt, whose answer was lost: still removed', async () => {
    nock(origin)
      .post('/')
      .reply(...refusal(500, 'InternalServerError'));
    refused();
    nock(origin).post('/').reply(200, {});
    expect(await aStore().remove('p', 'a', 1)).toBe('removed');
  });

  it.each([
    [400, 'ProvisionedThroughputExceededException'],
    [400, 'ThrottlingException'],
    [400, 'RequestLimitExceeded'],
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailable'],
  ])('%i %s: leaves it to the next run', async (status, code) => {
    nock(origin)
      .post('/')
      .reply(...refusal(status, code));
    await expect(aStore(oneAttempt).compareAndSet(record, 0)).rejects.toThrow(RetryLater);
  });

  it.each([
    [400, 'ResourceNotFoundException', /DynamoDB table state .*or create it/],
    [400, 'AccessDeniedException', /the right to do it/],
    [400, 'UnrecognizedClientException', /valid AWS credentials/],
    [400, 'ValidationException', /check the setting/],
  ])('%i %s: is for the operator, who is told what to do', async (status, code, message) => {
    nock(origin)
      .post('/')
      .reply(...refusal(status, code));
    const error: unknown = await write().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperatorMustFix);
    expect(String(error)).toMatch(message);
  });
});

import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { get as getSecurely } from 'node:https';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Client, HttpConnection, UndiciConnection } from '@elastic/elasticsearch';
import { describe, expect, it, onTestFinished } from 'vitest';
import { oneAttempt } from './support/aws-test-settings.ts';

const elsewhere = 'hooks.acme.example';

const elasticsearch = (Connection: typeof HttpConnection | typeof UndiciConnection) => () =>
  new Client({ node: `https://${elsewhere}:9200`, Connection, maxRetries: 0 }).search({ index: 'closer' });

const plain = (ask: typeof get, url: string) => (): Promise<void> =>
  new Promise((resolve, reject) => void ask(url, () => resolve()).on('error', reject));

describe('no test can reach the network', () => {
  it.each([
    ['S3', () => new S3Client(oneAttempt).send(new ListBucketsCommand())],
    ['DynamoDB', () => new DynamoDBClient(oneAttempt).send(new ListTablesCommand())],
    ['SQS', () => new SQSClient(oneAttempt).send(new ListQueuesCommand())],
    ['Secrets Manager', () => new SecretsManagerClient(oneAttempt).send(new GetSecretValueCommand({ SecretId: 'a' }))],
    ['STS', () => new STSClient(oneAttempt).send(new GetCallerIdentityCommand())],
    ['Elasticsearch over node:http', elasticsearch(HttpConnection)],
    ['Elasticsearch over undici', elasticsearch(UndiciConnection)],
    ['node:http', plain(get, `http://${elsewhere}/`)],
    ['node:https', plain(getSecurely, `https://${elsewhere}/`)],
    ['node:https to an address', plain(getSecurely, 'https://192.0.2.1/')],
    ['fetch', () => fetch(`https://${elsewhere}/`)],
  ])('through the client of %s', async (_name, ask) => {
    const error: unknown = await ask().then(
      () => 'it got through',
      (thrown: unknown) => thrown,
    );
    // Refused by nock, not by a name that does not resolve: the refusal is what keeps a test inside.
    expect(causes(error)).toMatch(/Nock: Disallowed net connect/);
  });

  it('but loopback, where a test may listen itself, is open', async () => {
    const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await answer.text()).toBe('here');
  });
});

const causes = (error: unknown): string =>
  error instanceof Error ? `${error.message} < ${causes(error.cause)}` : String(error);

import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { awsClientSettings, smallRequestTimeoutMs } from '../../../shared/adapters/aws-clients.ts';
import { dynamodbRecordStore } from '../../../shared/adapters/dynamodb-record-store.ts';
import { OperatorMustFix } from '../../../shared/core/errors.ts';
import { describeRecordStore } from '../../contracts/record-store-contract.ts';
import { createStateTable } from '../../support/state-table.ts';
import { describeReal } from '../support/server-url.ts';
import { howToStart } from './how-to-start.ts';

const suite = (name: string) => (endpoint: string) => {
  const client = new DynamoDBClient({ ...awsClientSettings(smallRequestTimeoutMs), endpoint });
  const documents = DynamoDBDocumentClient.from(client);

  describeRecordStore(name, async () => {
    const table = `sluice-test-${randomUUID()}`;
    await createStateTable(client, table);
    return () => dynamodbRecordStore({ client: documents, table });
  });

  it('names the table when there is none', async () => {
    const get = dynamodbRecordStore({ client: documents, table: 'sluice-no-such-table' }).get('p', 'a');
    await expect(get).rejects.toThrow(OperatorMustFix);
    await expect(get).rejects.toThrow(/DynamoDB table sluice-no-such-table .*ResourceNotFoundException/);
  });
};

describeReal('DynamoDB Local', 'DDB_LOCAL_URL', howToStart, suite('DynamoDB Local'));
describeReal('DynamoDB of the emulator', 'AWS_ENDPOINT_URL', howToStart, suite('DynamoDB of the emulator'));

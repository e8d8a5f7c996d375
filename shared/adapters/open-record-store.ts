import type { Config } from '../config/config.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { awsClientSettings, smallRequestTimeoutMs } from './aws-clients.ts';

/** A RecordStore that holds a file or connections until it is closed. */
export interface OpenRecordStore extends RecordStore {
  close(): void;
}

/** The RecordStore that the settings name. Nothing is touched until it is used; only what is needed for it is loaded. */
export const openRecordStore = async (settings: Config['state']): Promise<OpenRecordStore> => {
  switch (settings.kind) {
    case 'sqlite': {
      const { sqliteRecordStore } = await import('./sqlite-record-store.ts');
      return sqliteRecordStore({ path: settings.path });
    }
    case 'dynamodb': {
      const [{ DynamoDBClient }, { DynamoDBDocumentClient }, { dynamodbRecordStore }] = await Promise.all([
        import('@aws-sdk/client-dynamodb'),
        import('@aws-sdk/lib-dynamodb'),
        import('./dynamodb-record-store.ts'),
      ]);
      const client = DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings(smallRequestTimeoutMs)));
      return { ...dynamodbRecordStore({ client, table: settings.table }), close: () => client.destroy() };
    }
    default:
      return settings satisfies never;
  }
};

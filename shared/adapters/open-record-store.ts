import type { Config } from '../config/config.ts';
import type { RecordStore } from '../ports/record-store.ts';

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
      const { openDynamodbRecordStore } = await import('./dynamodb-record-store.ts');
      return openDynamodbRecordStore(settings);
    }
    default:
      return settings satisfies never;
  }
};

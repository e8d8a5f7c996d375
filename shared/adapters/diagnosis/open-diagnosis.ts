/** Chooses the diagnosis that belongs to each part that the settings name; only what is needed for it is loaded. */
import type { Config } from '../../config/config.ts';
import type { TargetRules } from '../../core/address/target.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { DestinationDiagnosis, JournalDiagnosis, QueueDiagnosis, StateDiagnosis } from '../../ports/diagnosis.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import { openBlobStore } from '../open-blob-store.ts';
import { lookAtFolder } from './folder.ts';
import { webhookHostDiagnosis } from './webhook-host.ts';

export const openStateDiagnosis = async (settings: Config['state']): Promise<StateDiagnosis> => {
  switch (settings.kind) {
    case 'sqlite': {
      const { sqliteStateDiagnosis } = await import('./sqlite-state.ts');
      return sqliteStateDiagnosis(settings.path);
    }
    case 'dynamodb': {
      const { openDynamodbRecordStore } = await import('../dynamodb-record-store.ts');
      const store = openDynamodbRecordStore(settings);
      return {
        description: store.description,
        // DescribeTable would need a right that nothing else needs, and a missing table shows at the first read as well.
        look: async () => ({ kind: 'there' }),
        records: withoutWriting(store),
      };
    }
    default:
      return settings satisfies never;
  }
};

const withoutWriting = (store: RecordStore): RecordStore => ({
  ...store,
  compareAndSet: () => Promise.reject(new Error('a diagnosis writes nothing')),
  remove: () => Promise.reject(new Error('a diagnosis writes nothing')),
});

export const openJournalDiagnosis = async (settings: Config['journal']): Promise<JournalDiagnosis> => {
  const store = await openBlobStore(settings);
  return settings.kind === 'folder' ? { store, folder: () => lookAtFolder(settings.path) } : { store };
};

export const openQueueDiagnosis = async (settings: Config['queue']): Promise<QueueDiagnosis> => {
  switch (settings.kind) {
    case 'inline':
      return { look: async () => ({ kind: 'seen', value: { kind: 'inline' } }) };
    case 'sqs': {
      const { sqsQueueDiagnosis } = await import('./queue.ts');
      return sqsQueueDiagnosis(settings);
    }
    default:
      return settings satisfies never;
  }
};

/** @param rules `targetRules(config)` */
export const openDestinationDiagnosis = async (
  { destination }: Pick<Subscription, 'destination'>,
  rules: TargetRules,
): Promise<DestinationDiagnosis> => {
  switch (destination.type) {
    case 'webhook':
      return webhookHostDiagnosis({ ...rules, url: destination.url });
    case 'folder':
      return {
        description: `folder ${destination.path}`,
        look: async () => ({ kind: 'folder', folder: await lookAtFolder(destination.path) }),
      };
    case 's3': {
      const [{ bucketDiagnosis }, { customerClient }, { smallRequestTimeoutMs }] = await Promise.all([
        import('./bucket.ts'),
        import('../customer-bucket.ts'),
        import('../aws-clients.ts'),
      ]);
      return bucketDiagnosis({
        bucket: destination.bucket,
        client: customerClient(destination, smallRequestTimeoutMs),
      });
    }
    case 'poll':
      return { description: 'poll', look: async () => ({ kind: 'poll' }) };
    default:
      return destination satisfies never;
  }
};

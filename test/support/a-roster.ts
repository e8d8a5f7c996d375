import type { Subscription } from '../../shared/core/subscription.ts';
import { openRoster, type Roster } from '../../shared/flows/roster.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';

const rootKey = 'root-key-of-the-tests-0123456789abcdef';

/** These of the settings' file, beside what `records` holds. */
export const aRoster = (fromFile: readonly Subscription[], records: RecordStore = memoryRecordStore()): Roster =>
  openRoster({ records, secrets: memorySecrets({ rootKey }), fromFile });

import type { Config } from '../config/config.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { type InlineWorkQueue, inlineWorkQueue } from './inline-work-queue.ts';

/** `take` and `onWake` are there when the wake-ups stay in this process, for this process to handle. */
export type OpenWorkQueue = WorkQueue & Partial<Pick<InlineWorkQueue, 'take' | 'onWake'>>;

/** The WorkQueue that the settings name; only what is needed for it is loaded. */
export const openWorkQueue = async (settings: Config['queue']): Promise<OpenWorkQueue> => {
  switch (settings.kind) {
    case 'inline':
      return inlineWorkQueue();
    case 'sqs': {
      const { openSqsWorkQueue } = await import('./sqs-work-queue.ts');
      return openSqsWorkQueue(settings);
    }
    default:
      return settings satisfies never;
  }
};

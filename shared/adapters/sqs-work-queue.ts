import { createHash } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { WorkQueue } from '../ports/work-queue.ts';
import { awsClientSettings, smallRequestTimeoutMs } from './aws-clients.ts';
import { awsFailure } from './aws-errors.ts';
import { writeWakeUp } from './wake-up-message.ts';

/** With a client of its own. Nothing is touched until it is used. */
export const openSqsWorkQueue = ({ url }: { readonly url: string }): WorkQueue =>
  sqsWorkQueue({ client: new SQSClient(awsClientSettings(smallRequestTimeoutMs)), url });

/**
 * A WorkQueue on an SQS FIFO queue: one message per wake-up. The message group is the subscription, so that one message per subscription is
 * handled at a time. Wake-ups with the same subscription and reason within five minutes are one message.
 *
 * Needs `sqs:SendMessage` on the queue.
 *
 * @throws RetryLater throttled, 5xx, no answer
 * @throws OperatorMustFix no such queue, no permission
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const sqsWorkQueue = (options: { readonly client: SQSClient; readonly url: string }): WorkQueue => ({
  wake: async (subscription, reason) => {
    try {
      await options.client.send(
        new SendMessageCommand({
          QueueUrl: options.url,
          MessageBody: writeWakeUp({ subscription, reason }),
          MessageGroupId: subscription,
          MessageDeduplicationId: deduplicationId(subscription, reason),
        }),
      );
    } catch (error) {
      throw awsFailure(error, `Queue ${options.url}`);
    }
  },
});

/** A hash, because at most 128 characters are allowed and a reason may be longer. JSON keeps `a` + `bc` apart from `ab` + `c`. */
const deduplicationId = (subscription: string, reason: string): string =>
  createHash('sha256')
    .update(JSON.stringify([subscription, reason]))
    .digest('hex');

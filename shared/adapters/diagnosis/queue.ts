import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { QueueDiagnosis } from '../../ports/diagnosis.ts';
import { awsClientSettings, smallRequestTimeoutMs } from '../aws-clients.ts';
import { awsFailure, isDenied } from '../aws-errors.ts';

/**
 * A queue by its attributes; no message is sent or taken. The functions' roles may not read the attributes; the person who runs `doctor`
 * may.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
 */
export const sqsQueueDiagnosis = (options: { readonly url: string; readonly client?: SQSClient }): QueueDiagnosis => {
  const client = options.client ?? new SQSClient(awsClientSettings(smallRequestTimeoutMs));
  return {
    look: async () => {
      try {
        const { Attributes = {} } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: options.url, AttributeNames: ['All'] }),
        );
        const number = (text: string | undefined): number => Number(text ?? 0);
        return {
          kind: 'seen',
          value: {
            kind: 'sqs',
            waiting: number(Attributes.ApproximateNumberOfMessages),
            underWay: number(Attributes.ApproximateNumberOfMessagesNotVisible),
            deadLetters: Attributes.RedrivePolicy === undefined ? 'none' : 'set',
          },
        };
      } catch (error) {
        if (isDenied(error)) return { kind: 'hidden', reason: 'sqs:GetQueueAttributes is not allowed' };
        throw awsFailure(error, `Queue ${options.url}`);
      }
    },
  };
};

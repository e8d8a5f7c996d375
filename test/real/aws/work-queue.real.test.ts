import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { awsClientSettings, smallRequestTimeoutMs } from '../../../shared/adapters/aws-clients.ts';
import { sqsWorkQueue } from '../../../shared/adapters/sqs-work-queue.ts';
import { readWakeUp, type WakeUp } from '../../../shared/adapters/wake-up-message.ts';
import { OperatorMustFix } from '../../../shared/core/errors.ts';
import { describeWorkQueue } from '../../contracts/work-queue-contract.ts';
import { describeReal } from '../support/server-url.ts';
import { howToStart } from './how-to-start.ts';

describeReal('SQS', 'AWS_ENDPOINT_URL', howToStart, (endpoint) => {
  const client = new SQSClient(awsClientSettings(smallRequestTimeoutMs));

  /** A queue as `serverless.yml` declares it. */
  const aQueue = async (): Promise<string> => {
    const Attributes = {
      FifoQueue: 'true',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    };
    const { QueueUrl } = await client.send(
      new CreateQueueCommand({ QueueName: `sluice-test-${randomUUID()}.fifo`, Attributes }),
    );
    return QueueUrl ?? '';
  };

  const receive = async (url: string): Promise<readonly Message[]> =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))).Messages ?? [];

  const remove = (url: string, message: Message) =>
    client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle }));

  const wakeUpOf = (message: Message): WakeUp | undefined => readWakeUp(message.Body ?? '');

  const takeAll = async (url: string): Promise<readonly string[]> => {
    const woken: string[] = [];
    for (let messages = await receive(url); messages.length > 0; messages = await receive(url))
      for (const message of messages) {
        woken.push(wakeUpOf(message)?.subscription ?? '?');
        await remove(url, message);
      }
    return woken;
  };

  describeWorkQueue('SQS', async () => {
    const url = await aQueue();
    return { queue: sqsWorkQueue({ client, url }), woken: () => takeAll(url) };
  });

  it('holds the next wake-up of a subscription back while one is being handled', async () => {
    const url = await aQueue();
    const queue = sqsWorkQueue({ client, url });
    await queue.wake('acme-soc', 'segment 1');
    const [first] = await receive(url);
    await queue.wake('acme-soc', 'segment 2');
    await queue.wake('aurora-soc', 'segment 2');
    expect((await receive(url)).map(wakeUpOf)).toEqual([{ subscription: 'aurora-soc', reason: 'segment 2' }]);
    if (first) await remove(url, first);
    expect((await receive(url)).map(wakeUpOf)).toEqual([{ subscription: 'acme-soc', reason: 'segment 2' }]);
  });

  it('names the queue when there is none', async () => {
    const url = `${endpoint}/000000000000/sluice-none.fifo`;
    const wake = sqsWorkQueue({ client, url }).wake('a', '1');
    await expect(wake).rejects.toThrow(OperatorMustFix);
    await expect(wake).rejects.toThrow(`Queue ${url}`);
  });
});

import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { inlineWorkQueue } from '../../shared/adapters/inline-work-queue.ts';
import { sqsWorkQueue } from '../../shared/adapters/sqs-work-queue.ts';
import { readWakeUp } from '../../shared/adapters/wake-up-message.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { describeWorkQueue } from '../contracts/work-queue-contract.ts';
import { memoryWorkQueue } from '../fakes/memory-work-queue.ts';
import { oneAttempt } from '../support/aws-test-settings.ts';

const origin = `https://sqs.${oneAttempt.region}.amazonaws.com`;
const url = `${origin}/123456789012/sluice-test-work.fifo`;
const anSqsQueue = () => sqsWorkQueue({ client: new SQSClient(oneAttempt), url });

interface SentMessage {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
}

/** SQS as nock answers for it: a FIFO queue that drops a message whose deduplication id it has seen. */
const sqsOnTheWire = (): SentMessage[] => {
  const sent: SentMessage[] = [];
  nock(origin)
    .persist()
    .post('/')
    .reply(async (request: Request) => {
      const message = (await request.json()) as SentMessage;
      if (!sent.some((one) => one.MessageDeduplicationId === message.MessageDeduplicationId)) sent.push(message);
      return [200, { MessageId: 'm', MD5OfMessageBody: createHash('md5').update(message.MessageBody).digest('hex') }];
    });
  return sent;
};

describeWorkQueue('memory', async () => {
  const queue = memoryWorkQueue();
  return { queue, woken: async () => queue.take() };
});

describeWorkQueue('inline', async () => {
  const queue = inlineWorkQueue();
  return { queue, woken: async () => queue.take() };
});

describeWorkQueue('SQS on the wire', async () => {
  const sent = sqsOnTheWire();
  let taken = 0;
  return {
    queue: anSqsQueue(),
    woken: async () => {
      const fresh = sent.slice(taken).map((message) => readWakeUp(message.MessageBody)?.subscription ?? '?');
      taken = sent.length;
      return fresh;
    },
  };
});

describe('an inline queue', () => {
  it('tells who listens of each wake-up, until they stop', async () => {
    const queue = inlineWorkQueue();
    const heard: (readonly string[])[] = [];
    const stop = queue.onWake(() => heard.push(queue.take()));
    await queue.wake('a', '1');
    stop();
    await queue.wake('b', '1');
    expect(heard).toEqual([['a']]);
    expect(queue.take()).toEqual(['b']);
  });
});

describe('an SQS queue', () => {
  it('is sent one message per wake-up, in the group of its subscription', async () => {
    const sent = sqsOnTheWire();
    await anSqsQueue().wake('acme-soc', 'segment 7');
    expect(sent).toEqual([
      {
        QueueUrl: url,
        MessageBody: '{"subscription":"acme-soc","reason":"segment 7"}',
        MessageGroupId: 'acme-soc',
        MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('never takes two wake-ups for one because their texts run together', async () => {
    const sent = sqsOnTheWire();
    await anSqsQueue().wake('a', 'bc');
    await anSqsQueue().wake('ab', 'c');
    expect(sent).toHaveLength(2);
  });

  it.each([
    [500, 'InternalFailure'],
    [400, 'RequestThrottled'],
  ])('that answers %i %s is asked again in the next run', async (status, code) => {
    nock(origin)
      .post('/')
      .reply(status, { __type: `com.amazonaws.sqs#${code}`, message: 'what SQS says' });
    await expect(anSqsQueue().wake('a', '1')).rejects.toThrow(RetryLater);
  });

  it.each([
    [400, 'QueueDoesNotExist', /or create it/],
    [403, 'AccessDenied', /the right to do it/],
  ])('that answers %i %s is for the operator', async (status, code, message) => {
    nock(origin)
      .post('/')
      .reply(status, { __type: `com.amazonaws.sqs#${code}`, message: 'what SQS says' });
    const error: unknown = await anSqsQueue()
      .wake('a', '1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperatorMustFix);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(url);
  });
});

describe('a message of the queue', () => {
  it.each(['', 'no JSON', 'null', '[]', '{"subscription":1,"reason":"x"}', '{"subscription":"a"}'])(
    '%j is not one of ours',
    (body) => expect(readWakeUp(body)).toBeUndefined(),
  );
});

import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { bucketDiagnosis } from '../../../shared/adapters/diagnosis/bucket.ts';
import { sqsQueueDiagnosis } from '../../../shared/adapters/diagnosis/queue.ts';
import { oneAttempt } from '../../support/aws-test-settings.ts';

const signal = new AbortController().signal;

describe('a bucket', () => {
  const bucket = 'acme-security-events';
  const look = () => bucketDiagnosis({ bucket, client: new S3Client(oneAttempt) }).look(signal);
  const answers = (status: number) =>
    nock(`https://${bucket}.s3.${oneAttempt.region}.amazonaws.com`).head('/').reply(status);

  it('is there when HeadBucket says so', async () => {
    answers(200);
    expect(await look()).toEqual({ kind: 'bucket' });
  });

  it('is missing when it answers 404', async () => {
    answers(404);
    expect(await look()).toMatchObject({ kind: 'unreachable', reason: `There is no bucket ${bucket}.` });
  });

  it('cannot be checked by a role that may only put objects', async () => {
    answers(403);
    expect(await look()).toMatchObject({ kind: 'hidden', reason: expect.stringContaining('s3:ListBucket') });
  });

  it('in another region is named as that', async () => {
    answers(301);
    await expect(look()).rejects.toThrow('It is in another region: set AWS_REGION to its region.');
  });

  it('that gives no answer is left to the next look', async () => {
    answers(503);
    await expect(look()).rejects.toThrow(`Bucket ${bucket} gave no answer that counts`);
  });
});

describe('a queue', () => {
  const origin = `https://sqs.${oneAttempt.region}.amazonaws.com`;
  const url = `${origin}/123456789012/sluice-test-work.fifo`;
  const look = () => sqsQueueDiagnosis({ client: new SQSClient(oneAttempt), url }).look();
  const answers = (status: number, body: object) => nock(origin).post('/').reply(status, body);

  it('says how many wake-ups wait, and whether it has dead letters', async () => {
    answers(200, {
      Attributes: { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '2', RedrivePolicy: '{}' },
    });
    expect(await look()).toEqual({
      kind: 'seen',
      value: { kind: 'sqs', waiting: 3, underWay: 2, deadLetters: 'set' },
    });
  });

  it('cannot be checked by a role that may only send', async () => {
    answers(403, { __type: 'com.amazon.coral.service#AccessDeniedException', message: 'not authorized' });
    expect(await look()).toEqual({ kind: 'hidden', reason: 'sqs:GetQueueAttributes is not allowed' });
  });

  it('that is missing is named', async () => {
    answers(400, { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'The specified queue does not exist.' });
    await expect(look()).rejects.toThrow(`Queue ${url} cannot be used`);
  });
});

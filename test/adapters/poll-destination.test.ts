import { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { expect, it } from 'vitest';
import { pollDestination } from '../../shared/adapters/poll-destination.ts';
import { largestEnvelopeBytes } from '../../shared/core/batch-encoding.ts';
import { polledBatch } from '../../shared/flows/poll/polled-batch.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { aBatch } from '../support/a-batch.ts';
import { inTwos } from '../support/polled-world.ts';

it('sends nothing: whoever delivers must leave what is polled alone, and there is no endpoint to challenge or test', async () => {
  const destination = pollDestination();
  await expect(destination.send(aBatch(), { number: 1 })).rejects.toThrow('must leave it alone');
  expect(destination.probe).toBeUndefined();
  expect(destination.attest).toBeUndefined();
});

it('has answers that a Lambda can give: 6 MB, in which every quote is two', async () => {
  const { maxBytes, maxEvents } = pollDestination().limits;
  const lines = linesOfQuotes(maxBytes - largestEnvelopeBytes, maxEvents);
  const secrets = memorySecrets({ rootKey: 'the root key of the tests, forty-four letters' });
  const { body, headers } = await polledBatch({ secrets, clock: recordingClock() }, inTwos, { ...aBatch(), lines });
  expect(body.length).toBeLessThanOrEqual(maxBytes);
  expect(body.length).toBeGreaterThan(0.999 * maxBytes);

  const app = new Hono().get('/', (context) => context.body(body, 200, headers));
  const request = { rawPath: '/', rawQueryString: '', requestContext: { http: { method: 'GET' } }, headers: {} };
  const answer = await handle(app)(request as LambdaEvent, {} as LambdaContext);
  expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(6 * 1024 * 1024);
});

/** Lines as a batch is gathered of them, each with a separator, that hold little but quotes. */
const linesOfQuotes = (bytes: number, count: number): readonly Uint8Array[] => {
  const empty = JSON.stringify({ message: '' }).length;
  const quotes = '"'.repeat(Math.floor((bytes / count - 1 - empty) / 2));
  return Array.from({ length: count }, () => Buffer.from(JSON.stringify({ message: quotes })));
};

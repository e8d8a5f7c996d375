import { expect, it } from 'vitest';
import { pollDestination } from '../../shared/adapters/poll-destination.ts';
import { aBatch } from '../support/a-batch.ts';

it('sends nothing: whoever delivers must leave what is polled alone, and there is no endpoint to challenge or test', async () => {
  const destination = pollDestination();
  await expect(destination.send(aBatch(), { number: 1 })).rejects.toThrow('must leave it alone');
  expect(destination.probe).toBeUndefined();
  expect(destination.attest).toBeUndefined();
});

it('has answers that a Lambda can give: 6 MB, in which every quote is two', () => {
  expect(pollDestination().limits.maxBytes * 1.5).toBeLessThanOrEqual(6_000_000);
});

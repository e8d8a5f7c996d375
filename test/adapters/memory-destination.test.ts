import { describe, expect, it } from 'vitest';
import { encodeObject } from '../../shared/core/batch-encoding.ts';
import { destinationContract } from '../contracts/destination-contract.ts';
import { Crash, memoryDestination } from '../fakes/memory-destination.ts';
import { aBatch } from '../support/a-batch.ts';

destinationContract('the destination in memory', async () => {
  const steps: 'retry'[] = [];
  const destination = memoryDestination({ otherwise: () => steps.shift() ?? 'delivered' });
  return {
    destination,
    contents: async () => destination.accepted.map((batch) => Buffer.from(encodeObject(batch)).toString()),
    breakDown: async () => {
      steps.push('retry');
    },
    [Symbol.asyncDispose]: async () => {},
  };
});

describe('the destination in memory', () => {
  it('plays its script step by step, then accepts', async () => {
    const destination = memoryDestination({ script: ['retry', { kind: 'gone', answer: '410' }] });
    destination.plan('too large');
    const kinds = [];
    for (const number of [1, 2, 3, 4]) kinds.push((await destination.send(aBatch(), { number })).kind);
    expect(kinds).toEqual(['retry', 'gone', 'too large', 'delivered']);
    expect(destination.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  it('can process a batch whose answer is lost, and shows its events once', async () => {
    const destination = memoryDestination({ script: ['answer lost'] });
    expect((await destination.send(aBatch(), { number: 1 })).kind).toBe('retry');
    await destination.send(aBatch(), { number: 2 });
    expect(destination.accepted).toHaveLength(2);
    expect(destination.lines()).toHaveLength(1);
  });

  it('can let the process die before or after a batch is accepted', async () => {
    const destination = memoryDestination({ script: ['crash before', 'crash after'] });
    await expect(destination.send(aBatch(), { number: 1 })).rejects.toThrow(Crash);
    expect(destination.accepted).toHaveLength(0);
    await expect(destination.send(aBatch(), { number: 1 })).rejects.toThrow(Crash);
    expect(destination.accepted).toHaveLength(1);
  });
});

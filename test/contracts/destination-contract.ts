/** What every `Destination` keeps, the fake and the real ones alike. */
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../shared/core/batch.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import { aBatch } from '../support/a-batch.ts';

export interface DestinationUnderTest extends AsyncDisposable {
  readonly destination: Destination;
  /** The content of each request or object that the far end holds, in order of arrival, byte for byte. */
  contents(): Promise<readonly string[]>;
  /** From now on the far end fails, in whatever way it can. */
  breakDown(): Promise<void>;
}

export const destinationContract = (name: string, open: () => Promise<DestinationUnderTest>): void => {
  describe(`${name} keeps the contract of a destination`, () => {
    const send = (destination: Destination, batch: Batch, number = 1) => destination.send(batch, { number });

    it('delivers every event of a batch, in order, as it is', async () => {
      await using world = await open();
      const outcome = await send(world.destination, aBatch({ events: 3 }));
      expect(outcome.kind).toBe('delivered');
      const [content = ''] = await world.contents();
      const places = aBatch({ events: 3 }).lines.map((line) => content.indexOf(Buffer.from(line).toString()));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    });

    it('repeats the same bytes when the same batch is sent again, and is told delivered', async () => {
      await using world = await open();
      await send(world.destination, aBatch({ events: 3 }));
      const again = await send(world.destination, aBatch({ events: 3 }), 2);
      expect(again.kind).toBe('delivered');
      expect(new Set(await world.contents()).size).toBe(1);
    });

    it('keeps different batches apart', async () => {
      await using world = await open();
      await send(world.destination, aBatch({ sequence: 1 }));
      await send(world.destination, aBatch({ sequence: 2 }));
      expect(new Set(await world.contents()).size).toBe(2);
    });

    it('makes an outcome of a far end that fails, and never throws', async () => {
      await using world = await open();
      await world.breakDown();
      const outcome = await send(world.destination, aBatch());
      expect(outcome.kind).not.toBe('delivered');
      expect(outcome.answer).not.toBe('');
    });

    it('sends nothing once the run is stopped', async () => {
      await using world = await open();
      const outcome = await world.destination.send(aBatch(), { number: 1, signal: AbortSignal.abort() });
      expect(outcome.kind).toBe('retry');
      expect(await world.contents()).toEqual([]);
    });

    it('has a description and limits that a batch can be cut by', async () => {
      await using world = await open();
      const { description, limits } = world.destination;
      expect(description).not.toBe('');
      expect(limits.maxEvents).toBeGreaterThanOrEqual(1);
      expect(limits.maxBytes).toBeGreaterThanOrEqual(1000);
    });
  });
};

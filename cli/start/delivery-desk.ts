/** Who is delivered to now, and who is next. */
export interface DeliveryDesk {
  /** The subscription has something to do. While it is at work already, it is looked at once more afterwards. */
  wake(id: string): void;
  /** Resolves when nobody is at work and nobody waits. */
  idle(): Promise<void>;
}

/**
 * Runs `deliver` for every woken subscription, at most `atOnce` at a time and never one subscription twice at a time.
 * A slow one holds its own place and nobody else's.
 * @param deliver never throws: it says what went wrong
 */
export const deliveryDesk = (
  deliver: (id: string) => Promise<void>,
  { atOnce }: { readonly atOnce: number },
): DeliveryDesk => {
  const waiting = new Set<string>();
  const working = new Set<string>();
  const listeners: (() => void)[] = [];

  const fill = (): void => {
    for (const id of waiting) {
      if (working.size >= atOnce) return;
      if (working.has(id)) continue;
      waiting.delete(id);
      working.add(id);
      deliver(id).finally(() => {
        working.delete(id);
        fill();
      });
    }
    if (working.size === 0) for (const listener of listeners.splice(0)) listener();
  };

  return {
    wake: (id) => {
      waiting.add(id);
      fill();
    },
    idle: () => {
      if (working.size === 0 && waiting.size === 0) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      listeners.push(resolve);
      return promise;
    },
  };
};

/** Runs `work` at the first call and gives every caller the same promise, so that several checks share one lookup. */
export const once = <Value>(work: () => Promise<Value>): (() => Promise<Value>) => {
  let begun: Promise<Value> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
};

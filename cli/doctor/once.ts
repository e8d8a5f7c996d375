/** The same promise for everybody who asks: what several checks need is looked up once. */
export const once = <Value>(work: () => Promise<Value>): (() => Promise<Value>) => {
  let begun: Promise<Value> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
};

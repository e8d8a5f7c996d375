/** What was used last, up to a total size; the least recently used goes first. */
export interface Recent<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

export const recent = <Key, Value>(options: {
  /** Sum of sizes kept; a single larger value is not kept at all. */
  readonly most: number;
  readonly sizeOf: (value: Value) => number;
}): Recent<Key, Value> => {
  const kept = new Map<Key, Value>();
  let total = 0;
  return {
    get: (key) => {
      const value = kept.get(key);
      if (value === undefined) return undefined;
      kept.delete(key);
      kept.set(key, value);
      return value;
    },
    set: (key, value) => {
      const size = options.sizeOf(value);
      const before = kept.get(key);
      if (before !== undefined) {
        total -= options.sizeOf(before);
        kept.delete(key);
      }
      if (size > options.most) return;
      kept.set(key, value);
      total += size;
      for (const [oldest, its] of kept) {
        if (total <= options.most) return;
        kept.delete(oldest);
        total -= options.sizeOf(its);
      }
    },
  };
};

/** Reduces an event to the fields that a subscription asks for; identifying fields are always kept. */

type JsonRecord = Readonly<Record<string, unknown>>;

/** Identity, time and kind: without them a receiver can neither order events nor recognise repeated ones. */
export const alwaysTravels: readonly string[] = ['@timestamp', 'ecs', 'event.id', 'event.kind', 'event.dataset'];

/** The keys that travel, level by level; `all`: the value with everything below. */
type Kept = 'all' | ReadonlyMap<string, Kept>;

/**
 * Keeps the values at the paths and below them, in the order of the event; levels that become empty are left out. A path means a nested
 * field and a key with dots alike (`closer.a.b`), and reaches into the objects of an array.
 * @param fields dotted paths, as `Subscription.fields`
 */
export const projection = (fields: readonly string[]): ((event: JsonRecord) => JsonRecord) => {
  const kept = keptBy([...alwaysTravels, ...fields]);
  return (event) => projectedRecord(event, kept) ?? {};
};

const keptBy = (paths: readonly string[]): ReadonlyMap<string, Kept> => {
  const root = new Map<string, Kept>();
  for (const path of paths) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let level: Map<string, Kept> | undefined = root;
    for (const key of keys) {
      const below: Kept = level.get(key) ?? new Map<string, Kept>();
      level.set(key, below);
      // A shorter path keeps this one already.
      level = below === 'all' ? undefined : (below as Map<string, Kept>);
      if (!level) break;
    }
    level?.set(last, 'all');
  }
  return root;
};

const projectedRecord = (record: JsonRecord, kept: ReadonlyMap<string, Kept>): JsonRecord | undefined => {
  const entries: (readonly [string, unknown])[] = [];
  for (const key of Object.keys(record)) {
    const value = projected(record[key], below(kept, key));
    if (value !== undefined) entries.push([key, value]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

/** A key of the event with dots may be several levels of a path. */
const below = (kept: ReadonlyMap<string, Kept>, key: string): Kept | undefined => {
  const whole = kept.get(key);
  if (whole !== undefined || !key.includes('.')) return whole;
  let level: Kept | undefined = kept;
  for (const part of key.split('.')) {
    if (level === undefined || level === 'all') return level;
    level = level.get(part);
  }
  return level;
};

const projected = (value: unknown, kept: Kept | undefined): unknown => {
  if (kept === undefined || kept === 'all') return kept && value;
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return projectedRecord(value as JsonRecord, kept);
  const items = value.map((item) => projected(item, kept)).filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;
};

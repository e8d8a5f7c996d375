import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { settled } from './settled.ts';

const partition = 'key-use';
const noteEveryMs = 5 * 60_000;
const mostKeys = 10_000;

/**
 * Notes that a key is used, at most every five minutes, beside whatever goes on: it returns at once, and a note that cannot be written is not
 * missed, the next one is written five minutes later.
 */
export const keyUses = ({
  records,
  clock,
}: {
  readonly records: RecordStore;
  readonly clock: Clock;
}): ((id: string) => void) => {
  const noted = new Map<string, number>();
  return (id) => {
    const nowMs = clock.nowMs();
    if (nowMs - (noted.get(id) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) return;
    if (noted.size >= mostKeys) noted.clear();
    noted.set(id, nowMs);
    void settled(note(records, id, nowMs));
  };
};

const note = async (records: RecordStore, id: string, nowMs: number): Promise<void> => {
  const record = await records.get(partition, id);
  // Another process has noted it lately.
  if (nowMs - (atOf(record?.value) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) return;
  await records.compareAndSet({ partition, id, value: { atMs: nowMs } }, record?.version ?? 0);
};

/** When a key was last used, to within five minutes, epoch ms; `undefined`: never, as far as is known. */
export const lastUseOf = async (records: RecordStore, id: string): Promise<number | undefined> =>
  atOf((await records.get(partition, id))?.value);

/** For a key that is removed. */
export const forgetUse = async (records: RecordStore, id: string): Promise<void> => {
  const record = await records.get(partition, id);
  if (record) await records.remove(partition, id, record.version);
};

const atOf = (value: unknown): number | undefined => {
  const { atMs } = (value ?? {}) as { readonly atMs?: unknown };
  return typeof atMs === 'number' ? atMs : undefined;
};

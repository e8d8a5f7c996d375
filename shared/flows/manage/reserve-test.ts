import type { RecordWrite } from '../../ports/record-store.ts';
import { notNow, type Refusal } from './answer.ts';
import type { ManageDeps } from './manage-deps.ts';

export const testPartition = 'test';

interface Tests {
  /** One is under way, epoch ms; it is over by then whatever became of it. */
  readonly busyUntilMs: number;
  /** When the last ones began, epoch ms. */
  readonly begunAtMs: readonly number[];
  readonly lastChange?: string;
}

export interface Reserved {
  readonly record: RecordWrite & { readonly value: Tests };
  /** As it is stored now. */
  readonly version: number;
}

const mostAMinute = 10;
const minuteMs = 60_000;
/** An exchange is over within 15 s. */
const longestMs = 30_000;

/** The right to send one test message to a subscription now; or why not, and when. */
export const reserveTest = async (
  { records, clock }: Pick<ManageDeps, 'records' | 'clock'>,
  id: string,
): Promise<Reserved | Refusal> => {
  const nowMs = clock.nowMs();
  const stored = await records.get(testPartition, id);
  const { busyUntilMs = 0, begunAtMs = [], ...rest } = (stored?.value ?? {}) as Partial<Tests>;
  if (busyUntilMs > nowMs)
    return notNow('A test message is under way. Wait for what it comes to.', busyUntilMs - nowMs);
  const lately = begunAtMs.filter((at) => nowMs - at < minuteMs);
  const [first = nowMs] = lately;
  if (lately.length >= mostAMinute)
    return notNow(
      `${mostAMinute} test messages were sent within a minute, which is the most.`,
      first + minuteMs - nowMs,
    );
  const value: Tests = { ...rest, busyUntilMs: nowMs + longestMs, begunAtMs: [...lately, nowMs] };
  const record = { partition: testPartition, id, value };
  const version = stored?.version ?? 0;
  if ((await records.compareAndSet(record, version)) === 'conflict')
    return notNow('Another test message was begun at the same moment. Wait for what it comes to.', longestMs);
  return { record, version: version + 1 };
};

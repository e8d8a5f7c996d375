import { type Attempt, attemptOf, attemptPartition, attemptsKeptMs, type Tried } from '../../core/attempt.ts';
import { messageOf, SluiceError } from '../../core/errors.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { idAfter } from '../records/each-record.ts';

export interface AttemptLog {
  readonly records: RecordStore;
  readonly telemetry: Pick<Telemetry, 'notice'>;
}

/**
 * Keeps what one try came to, for 30 days. The log serves people, no event depends on it: one that cannot be written is a notice, and a
 * power failure may take the last entries (see `RecordWrite.expiresAtMs`). Never throws.
 */
export const logAttempt = async (
  { records, telemetry }: AttemptLog,
  subscription: string,
  tried: Tried,
): Promise<void> => {
  const attempt = attemptOf(tried);
  const expiresAtMs = tried.endedAtMs + attemptsKeptMs;
  try {
    // A conflict: the same try is there already.
    await records.compareAndSet(
      { partition: attemptPartition(subscription), id: attempt.id, value: attempt, expiresAtMs },
      0,
    );
  } catch (error) {
    const level = error instanceof SluiceError ? 'warn' : 'error';
    const what = `An attempt of subscription "${subscription}" is missing from its log: ${messageOf(error)}`;
    telemetry.notice(level, `${what} The delivery itself is not affected.`, { subscription });
  }
};

/**
 * The attempts of a subscription, the newest first.
 * @param options.after `id` of the last attempt of the page before
 * @param options.limit 1 to 1000
 */
export const attemptsOf = async (
  records: RecordStore,
  subscription: string,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<readonly Attempt[]> => {
  const from = after === undefined ? {} : { from: idAfter(after) };
  const page = await records.range(attemptPartition(subscription), { ...from, limit });
  return page.flatMap(({ value }) => (isAttempt(value) ? [value] : []));
};

/** A damaged record is left out: the log around it still serves. */
const isAttempt = (value: unknown): value is Attempt =>
  typeof value === 'object' && value !== null && 'id' in value && 'at' in value && 'outcome' in value;

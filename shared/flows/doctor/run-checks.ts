import type { Clock } from '../../ports/clock.ts';
import { type Finding, problem, problemOf } from './finding.ts';

export interface Check {
  /** Name of the finding when the check itself fails or does not end. */
  readonly name: string;
  /** Milliseconds; default 10 000. */
  readonly limitMs?: number;
  /** @param signal aborts when the limit has passed: end what is under way, the answer is no longer waited for */
  run(signal: AbortSignal): Promise<readonly Finding[]>;
}

const defaultLimitMs = 10_000;

/**
 * Runs all checks at once, each within its own limit, so together they last as long as the slowest may. One that throws or does not end is
 * a problem of its own and harms no other.
 * @returns one promise for each check, in their order; none rejects
 */
export const runChecks = (checks: readonly Check[], clock: Clock): readonly Promise<readonly Finding[]>[] =>
  checks.map((check) => within(check, clock));

const within = async (check: Check, clock: Clock): Promise<readonly Finding[]> => {
  const { name, limitMs = defaultLimitMs } = check;
  const late = new AbortController();
  const done = new AbortController();
  const outcome = check.run(late.signal).catch((error: unknown) => [problemOf(name, error)]);
  const limit = clock.sleep(limitMs, done.signal).then(() => [tooLate(name, limitMs)]);
  const findings = await Promise.race([outcome, limit]);
  done.abort();
  late.abort();
  return findings;
};

const tooLate = (name: string, limitMs: number): Finding =>
  problem(
    name,
    `It did not end within ${limitMs / 1000} s, so nothing is known of it.`,
    'Look whether it is overloaded, or the network slow; then run doctor again.',
  );

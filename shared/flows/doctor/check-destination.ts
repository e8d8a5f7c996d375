import { lasting } from '../../core/lasting.ts';
import type { Subscription } from '../../core/subscription.ts';
import { type SubscriptionState, subscriptionPartition } from '../../core/subscription-state.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DestinationDiagnosis, DestinationFacts, StateDiagnosis } from '../../ports/diagnosis.ts';
import { loadState } from '../deliver/load-state.ts';
import type { Journal } from '../journal/open-journal.ts';
import { settled } from '../settled.ts';
import { judgeFolder } from './check-folder.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { count } from './words.ts';

/** Where a subscription's batches go, reached as far as that can be done without sending anything. */
export const destinationCheck = ({ id }: Subscription, destination: DestinationDiagnosis, clock: Clock): Check => {
  const check = `destination/${id}`;
  return {
    name: check,
    run: async (signal) => [judge(check, destination.description, await destination.look(signal), clock.nowMs())],
  };
};

const dayMs = 86_400_000;
const soonMs = 14 * dayMs;

const judge = (check: string, what: string, facts: DestinationFacts, nowMs: number): Finding => {
  switch (facts.kind) {
    case 'connected': {
      const left = facts.certificateEndsMs === undefined ? undefined : facts.certificateEndsMs - nowMs;
      if (left === undefined) return ok(check, `${what} takes connections, without TLS.`);
      return left < soonMs
        ? warning(
            check,
            `${what} answers; its certificate ends in ${lasting(left)}.`,
            'Have the receiver renew it: afterwards nothing is delivered.',
          )
        : ok(check, `${what} answers over TLS; its certificate holds for ${lasting(left)}.`);
    }
    case 'unreachable':
      return problem(check, `${what}: ${facts.reason}`, facts.remedy);
    case 'folder':
      return judgeFolder(check, facts.folder);
    case 'bucket':
      return ok(check, `${what} is there. Whether it may be written shows with the first batch.`);
    case 'poll':
      return ok(check, 'It is polled: the customer fetches its batches.');
    case 'hidden':
      return warning(
        check,
        `${what} cannot be checked: ${facts.reason}. Deliveries need s3:PutObject and s3:GetObject alone.`,
        'Look at the attempts after the first batch, or allow s3:ListBucket on the bucket.',
      );
    default:
      return facts satisfies never;
  }
};

interface Deps {
  readonly state: StateDiagnosis;
  readonly journal: Journal;
  /** Number of the newest segment. */
  readonly head: () => Promise<number>;
  readonly clock: Clock;
}

/** How a subscription fares: its cursor, and what its destination answered last. */
export const subscriptionCheck = (subscription: Subscription, deps: Deps): Check => {
  const check = `subscription/${subscription.id}`;
  return {
    name: check,
    run: async () => {
      const { state: store, journal, clock } = deps;
      const isKnown =
        (await store.look()).kind === 'there' &&
        (await store.records.get(subscriptionPartition, subscription.id)) !== undefined;
      if (!isKnown) return [ok(check, `It is new: it begins at ${beginningOf(subscription)} with the next pull.`)];
      const { state } = await loadState({ records: store.records, journal }, subscription);
      const lag = await settled(lagOf(state, deps));
      // What is wrong with the journal is said by its own check.
      return [judgeState(subscription.id, state, lag.ok ? lag.value : 'how far behind cannot be told', clock.nowMs())];
    },
  };
};

const beginningOf = ({ start }: Subscription): string =>
  start === 'now' ? 'the head of the journal' : start === 'beginning' ? "the journal's beginning" : start.from;

const lagOf = async ({ cursor }: SubscriptionState, { journal, head, clock }: Deps): Promise<string> => {
  const newest = await head();
  const oldest = cursor.segment <= newest ? await journal.manifest(cursor.segment) : undefined;
  return oldest === undefined
    ? 'caught up'
    : `${count(newest - cursor.segment + 1, 'segment')} behind, the oldest journaled ${lasting(clock.nowMs() - Date.parse(oldest.committedAt))} ago`;
};

const judgeState = (id: string, { health, counts }: SubscriptionState, lag: string, nowMs: number): Finding => {
  const check = `subscription/${id}`;
  const answer = health.lastAnswer === undefined ? '' : ` Its last answer: ${health.lastAnswer}`;
  const since = health.failingSinceMs === undefined ? '' : ` for ${lasting(nowMs - health.failingSinceMs)}`;
  const next = health.retryAtMs === undefined ? '' : ` at ${new Date(health.retryAtMs).toISOString()}`;
  if (health.status !== 'active')
    return problem(
      check,
      `It is ${health.status}, ${lag}.${answer}`,
      `Mend what it answers, then run: npx sluice subscriptions resume ${id}. It goes on where it stopped${next === '' ? '' : `; else it is tried${next}`}.`,
    );
  if (health.failures > 0)
    return warning(
      check,
      `It fails${since} (${count(health.failures, 'time')} in a row), ${lag}.${answer}`,
      `Ask the receiver; it is tried again${next === '' ? ' with the next run' : next}, and disabled after 5 days.`,
    );
  const dead = counts.deadLetters > 0 ? `, ${count(counts.deadLetters, 'dead letter')}` : '';
  return ok(check, `It is ${lag}; ${counts.delivered} delivered, ${counts.filtered} filtered out${dead}.`);
};

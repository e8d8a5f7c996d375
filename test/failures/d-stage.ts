/** What failures of delivery are played on: a journal with events, the real deliver flow, and the real webhook destination over TLS. */
import type { Subscription } from '../../shared/core/subscription.ts';
import type { SubscriptionState } from '../../shared/core/subscription-state.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import { type AWebhookOptions, aWebhook } from '../support/a-webhook.ts';
import { certificates, loopbackOnly } from '../support/hostile-receiver.ts';
import type { Received } from '../support/receiver.ts';
import { resumeSubscription } from '../support/resume-subscription.ts';
import { aSubscription } from '../support/world.ts';
import { aStageInMemory, documentsFrom, idsOf } from './stage.ts';

export const aMinuteMs = 60_000;
export const anHourMs = 60 * aMinuteMs;

/** `count` events are in the journal and nothing is delivered yet. */
export const aDelivery = async (count = 6) => {
  const documents = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', count);
  const stage = aStageInMemory(documents);
  await stage.pull();

  /** The subscription's webhook at `url`, which trusts both certificates of the receivers and finds every name on loopback. */
  const webhook = (url: string, options: AWebhookOptions = {}): Destination => {
    const { subscription, ...others } = options;
    return aWebhook(url, {
      clock: stage.clock,
      resolve: loopbackOnly,
      ca: [certificates.hooks.cert, certificates.expired.cert].join('\n'),
      subscription: { id: 'soc', tenant: '*', ...subscription },
      ...others,
    });
  };

  const state = (id = 'soc'): SubscriptionState =>
    stage.records.records().find((record) => record.partition === 'subscription' && record.id === id)
      ?.value as SubscriptionState;

  /** Looks again every `stepMs`, as a schedule does, and returns how many attempts were made. */
  const deliverFor = async (to: Destination, forMs: number, stepMs = aMinuteMs): Promise<number> => {
    const before = stage.attempts.length;
    for (let passedMs = 0; passedMs < forMs; passedMs += stepMs) {
      await stage.deliver(to);
      stage.clock.advance(stepMs);
    }
    return stage.attempts.length - before;
  };

  const resume = (id = 'soc', subscription: Partial<Subscription> = {}) =>
    resumeSubscription(
      { journal: stage.journal(), records: stage.records, clock: stage.clock },
      aSubscription({ id, tenant: '*', ...subscription }),
    );

  return {
    ...stage,
    ids: idsOf(documents),
    webhook,
    state,
    deliverFor,
    resume,
    /** What became of the last attempt. */
    lastOutcome: (): string | undefined => stage.attempts.at(-1)?.outcome,
    lastAnswer: (): string => stage.attempts.at(-1)?.answer ?? '',
  };
};

interface Body {
  readonly data: { readonly events: readonly { readonly event: { readonly id: string } }[] };
}

/** `event.id` of all events of a request. */
export const idsIn = ({ body }: Pick<Received, 'body'>): readonly string[] =>
  (JSON.parse(body.toString('utf8')) as Body).data.events.map(({ event }) => event.id);

export const webhookIdOf = ({ headers }: Pick<Received, 'headers'>): string => headers['webhook-id'] ?? '';

/** The different contents that were seen under each `webhook-id`: one each, or somebody who drops repeats loses events. */
export const contentsById = (requests: readonly Received[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const contents = new Map<string, Set<string>>();
  for (const request of requests) {
    const id = webhookIdOf(request);
    contents.set(id, (contents.get(id) ?? new Set()).add(request.body.toString('base64')));
  }
  return contents;
};

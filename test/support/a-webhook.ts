import type { Resolve } from '../../shared/adapters/checked-lookup.ts';
import type { Deadlines } from '../../shared/adapters/https-exchange.ts';
import { keptConnections } from '../../shared/adapters/kept-connections.ts';
import { webhookDestination } from '../../shared/adapters/webhook-destination.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { type RecordingClock, recordingClock } from '../fakes/recording-clock.ts';
import { aSubscription } from './a-subscription.ts';

export const rootKey = 'a root key of thirty-two characters or more';

export interface AWebhookOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly format?: Subscription['format'];
  readonly signatures?: readonly ('v1' | 'v1a')[];
  readonly compression?: 'gzip';
  /** What else it is not by default. */
  readonly subscription?: Partial<Omit<Subscription, 'destination' | 'format'>>;
  readonly secrets?: Secrets;
  readonly clock?: RecordingClock;
  readonly allow?: readonly string[];
  readonly resolve?: Resolve;
  readonly deadlines?: Partial<Deadlines>;
  readonly idleMs?: number;
  /** Certificates to trust. */
  readonly ca?: string;
}

/** A webhook destination that may reach 127.0.0.0/8 and resolves no name unless it is told how. */
export const aWebhook = (url: string, options: AWebhookOptions = {}): Destination => {
  const { headers, deadlines, ca, idleMs, format = 'ecs' } = options;
  const { signatures, compression } = options;
  const subscription = aSubscription({
    type: 'webhook',
    url,
    ...(headers && { headers }),
    ...(signatures && { signatures }),
    ...(compression && { compression }),
  } as const);
  return webhookDestination({
    subscription: { ...subscription, ...options.subscription, format },
    secrets: options.secrets ?? memorySecrets({ rootKey }),
    clock: options.clock ?? recordingClock({ startMs: Date.now() }),
    allow: options.allow ?? ['127.0.0.0/8'],
    resolve: options.resolve ?? (() => Promise.reject(new Error('this test resolves no names'))),
    deadlines: { connectMs: 5_000, exchangeMs: 10_000, ...deadlines },
    agents: keptConnections({ ...(idleMs !== undefined && { idleMs }), ...(ca !== undefined && { ca }) }),
  });
};

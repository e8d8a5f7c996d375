/** Sends a subscription's batches to its webhook: Standard Webhooks 1.0.0 over HTTPS, to checked addresses only. */
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import { checkTarget, type TargetRules } from '../core/address/target.ts';
import type { Outcome } from '../core/batch.ts';
import { encodeWebhookBody } from '../core/batch-encoding.ts';
import { batchLimits } from '../core/batch-limits.ts';
import { OperatorMustFix, withoutPath } from '../core/errors.ts';
import { exampleLine } from '../core/example-event.ts';
import { lineIn } from '../core/form.ts';
import { sha256Hex } from '../core/segment.ts';
import type { Subscription } from '../core/subscription.ts';
import { type AttemptFacts, classifyWebhookAnswer, classifyWebhookFailure } from '../core/webhook/answer.ts';
import { masked, shownAnswer, type Unspeakable } from '../core/webhook/answer-text.ts';
import { headerMistakes } from '../core/webhook/headers.ts';
import { probeBody, probeOutcome } from '../core/webhook/probe-message.ts';
import { webhookRequest } from '../core/webhook/request.ts';
import { secretsOf, webhookKeysOf } from '../core/webhook/secrets.ts';
import { unspeakableOf } from '../core/webhook/unspeakable.ts';
import type { WebhookKey } from '../core/webhook/webhook-key.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { Secrets } from '../ports/secrets.ts';
import { checkedLookup, knownAddresses, type Resolve } from './checked-lookup.ts';
import { type Agents, type Deadlines, type Exchange, exchange } from './https-exchange.ts';
import { keptConnections } from './kept-connections.ts';
import { nameResolver } from './name-resolver.ts';

const gzip = promisify(gzipWithCallback);
/** Node's gzip header holds neither time nor file name, so the same body gives the same bytes on every attempt. */
const fast = { level: 1 } as const;

type WebhookSettings = Extract<Subscription['destination'], { readonly type: 'webhook' }>;

export interface WebhookDestinationOptions extends TargetRules {
  readonly subscription: Subscription & { readonly destination: WebhookSettings };
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly resolve?: Resolve;
  /** Default: `keptConnections()`. */
  readonly agents?: Agents;
  readonly deadlines?: Deadlines;
}

const defaultDeadlines: Deadlines = { connectMs: 5_000, exchangeMs: 15_000 };
const { maxEvents, maxBytes } = batchLimits.request;
const limits = { maxEvents: maxEvents.to, maxBytes: maxBytes.to } as const;

/**
 * Every answer, timeout and reset is an outcome, and so is a URL or header that may not be used.
 * @throws RetryLater when the secrets cannot be read, OperatorMustFix when there is no usable root key or an unreadable range in `allow`
 */
export const webhookDestination = (options: WebhookDestinationOptions): Destination => {
  const { subscription, secrets, clock, deadlines = defaultDeadlines } = options;
  const { url, headers = {}, signatures = [], compression } = subscription.destination;
  const agents = options.agents ?? keptConnections();
  const resolve = options.resolve ?? nameResolver(options);
  const check = checkTarget(url, options);
  const mistakes = [...(check.kind === 'refused' ? [check.reason] : []), ...headerMistakes(headers)];

  const signing = async (): Promise<{ readonly secrets: readonly string[]; readonly keys: readonly WebhookKey[] }> => {
    const rootKey = await secrets.get('rootKey');
    if (!rootKey)
      throw new OperatorMustFix(
        'There is no secret "rootKey" to sign webhooks with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
      );
    const nowMs = clock.nowMs();
    const keys = signatures.includes('v1a') ? webhookKeysOf(rootKey, subscription, nowMs) : [];
    return { secrets: secretsOf(rootKey, subscription, nowMs), keys };
  };

  /** Sends one signed message and returns the answer; an outcome instead, if nothing may be sent. */
  const post = async (message: Message, signal: AbortSignal | undefined): Promise<Posted | Refused> => {
    if (check.kind === 'refused' || mistakes.length > 0) return { kind: 'misconfigured', answer: mistakes.join(' ') };
    const { target } = check;
    const signers = await signing();
    const gzipped = compression === 'gzip' ? await gzip(message.body, fast) : undefined;
    const startedMs = clock.nowMs();
    const request = webhookRequest({
      target,
      ...message,
      ...(gzipped && { gzipped }),
      headers,
      ...signers,
      nowMs: startedMs,
    });
    const lookup = checkedLookup(target.addresses ? knownAddresses(target.addresses) : resolve, options);
    const attempt = (exchangeMs: number): Promise<Exchange> =>
      exchange(request, { agents, lookup, connectMs: deadlines.connectMs, exchangeMs, ...(signal && { signal }) });

    let result = await attempt(deadlines.exchangeMs);
    if (isBroken(result)) {
      closeIdle(agents);
      result = await attempt(Math.max(deadlines.exchangeMs - (clock.nowMs() - startedMs), 1));
    }
    const texts = unspeakableOf({ signing: signers.secrets, headers, path: target.path });
    const unspeakable = { secrets: texts, request: message.body };
    return { kind: 'posted', result, unspeakable };
  };

  const send: Destination['send'] = async (batch, { number, signal }) => {
    const message = { id: batch.id, body: encodeWebhookBody(batch) };
    const posted = await post(message, signal);
    if (posted.kind !== 'posted') return posted;
    return outcomeOf(posted, { number, nowMs: clock.nowMs(), contentSha256: sha256Hex(message.body) });
  };

  const probe: NonNullable<Destination['probe']> = async (what, { number, signal }) => {
    const body = probeBody(what, lineIn(subscription, exampleLine(what.at)));
    const posted = await post({ id: what.id, body }, signal);
    if (posted.kind !== 'posted') return posted;
    const outcome = outcomeOf(posted, { number, nowMs: clock.nowMs(), contentSha256: sha256Hex(body) });
    return probeOutcome(what, outcome, posted.result.kind === 'answered' ? posted.result.body : new Uint8Array());
  };

  return { description: withoutPath(url), limits, send, probe, close: () => closeIdle(agents) };
};

interface Message {
  readonly id: string;
  readonly body: Uint8Array;
}

interface Posted {
  readonly kind: 'posted';
  readonly result: Exchange;
  readonly unspeakable: Unspeakable;
}

type Refused = Extract<Outcome, { readonly kind: 'misconfigured' }>;

/**
 * Whether the connection broke without an answer. That says little about the request: the receiver had closed a kept connection, or is
 * restarting. The request is sent once more at once, on a fresh connection; a receiver that has processed it already recognises its id.
 */
const isBroken = (result: Exchange): boolean => result.kind === 'failed' && result.failure === 'connection lost';

const closeIdle = ({ http, https }: Agents): void => {
  for (const sockets of [...Object.values(http.freeSockets), ...Object.values(https.freeSockets)])
    for (const socket of sockets ?? []) socket.destroy();
};

const outcomeOf = ({ result, unspeakable }: Posted, attempt: AttemptFacts): Outcome => {
  if (result.kind === 'failed')
    return classifyWebhookFailure(result.failure, masked(result.message, unspeakable.secrets), attempt);
  const { status, reason, body } = result;
  const headers = result.headers as Readonly<Record<string, string | undefined>>;
  const { text, response } = shownAnswer({ status, reason, body, headers }, unspeakable);
  const retryAfter = headers['retry-after'];
  const answer = { status, text, ...(retryAfter !== undefined && { retryAfter }) };
  return { ...classifyWebhookAnswer(answer, attempt), response };
};

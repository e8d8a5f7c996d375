import type { Batch } from '../../core/batch.ts';
import { encodeWebhookBody } from '../../core/batch-encoding.ts';
import { OperatorMustFix } from '../../core/errors.ts';
import { sha256Hex } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import { secretsOf } from '../../core/webhook/secrets.ts';
import { signWebhook } from '../../core/webhook/signature.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Secrets } from '../../ports/secrets.ts';

/** A batch as a poller is given it: what a webhook would be sent, so that the same receiver code verifies it. */
export interface PolledBatch {
  /** `webhook-id`; what the next request acknowledges. */
  readonly id: string;
  readonly sequence: number;
  /** Chain hash of the batch before, hex. */
  readonly previous: string;
  readonly events: number;
  /** Of the body, hex. */
  readonly sha256: string;
  /** `content-type` and those of Standard Webhooks, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly the bytes of the webhook's body. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export const polledBatch = async (
  { secrets, clock }: { readonly secrets: Secrets; readonly clock: Clock },
  subscription: Subscription,
  batch: Batch,
): Promise<PolledBatch> => {
  const rootKey = await secrets.get('rootKey');
  if (!rootKey)
    throw new OperatorMustFix(
      'There is no secret "rootKey" to sign what is polled with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
    );
  const body = new Uint8Array(encodeWebhookBody(batch));
  const nowMs = clock.nowMs();
  const timestampSeconds = Math.floor(nowMs / 1000);
  const signing = secretsOf(rootKey, subscription, nowMs);
  return {
    id: batch.id,
    sequence: batch.sequence,
    previous: batch.previous,
    events: batch.lines.length,
    sha256: sha256Hex(body),
    headers: {
      'content-type': 'application/json',
      'webhook-id': batch.id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signWebhook({ id: batch.id, timestampSeconds, body, secrets: signing }),
    },
    body,
  };
};

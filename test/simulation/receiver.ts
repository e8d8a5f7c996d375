/** The far end of every subscription: keeps what it was sent, and answers as the history says. */
import type { Batch } from '../../shared/core/batch.ts';
import { encodeWebhookBody } from '../../shared/core/batch-encoding.ts';
import { sha256Hex } from '../../shared/core/segment.ts';
import { classifyWebhookAnswer, classifyWebhookFailure } from '../../shared/core/webhook/answer.ts';
import { webhookRequest } from '../../shared/core/webhook/request.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import type { members, Revision } from './cast.ts';
import type { Mishap } from './history.ts';
import type { Run, Scheduler } from './scheduler.ts';

/** One request as it came in. */
export interface Received {
  readonly subscription: string;
  readonly webhookId: string;
  readonly sha256: string;
  readonly sequence: number;
  readonly previous: string;
  /** `event.id`s, in the order of the body. */
  readonly events: readonly string[];
  /** What the sender's settings asked for. */
  readonly revision: Revision;
  readonly status: number;
  readonly round: number;
}

interface Body {
  readonly data: { readonly sequence: number; readonly previous: string; readonly events: readonly EventInBody[] };
}
/** Nested, or flat. */
type EventInBody = { readonly event?: { readonly id: string }; readonly 'event.id'?: string };

const target = { protocol: 'https:', hostname: 'receiver.example.com', port: 443, path: '/hook' } as const;
const secrets = [`whsec_${Buffer.alloc(32, 7).toString('base64')}`];
const limits = { maxEvents: 1_000, maxBytes: 1_000_000 };

const statusOf = (mishap: Mishap | undefined): number => {
  switch (mishap) {
    case 'answers 401':
      return 401;
    case 'answers 410':
      return 410;
    case 'answers 413':
      return 413;
    case 'answers 429':
      return 429;
    case 'answers 503':
      return 503;
    default:
      return 200;
  }
};

export const destinationOf = (
  run: Run,
  { call, clock }: Scheduler,
  to: {
    readonly member: (typeof members)[number];
    readonly revision: Revision;
    readonly receive: (request: Omit<Received, 'round'>) => void;
  },
): Destination => {
  const { member, revision, receive } = to;

  const answer = (batch: Batch, body: Uint8Array, mishap: Mishap | undefined): number => {
    const { data } = JSON.parse(Buffer.from(body).toString('utf8')) as Body;
    const events = data.events.map((event) => event.event?.id ?? event['event.id'] ?? '');
    const given = statusOf(mishap);
    const poisoned = member.isDelicate && events.some((id) => id.includes('poison'));
    const status = given !== 200 ? given : events.length > member.mostEvents ? 413 : poisoned ? 400 : 200;
    const { sequence, previous } = data;
    const sha256 = sha256Hex(body);
    receive({ subscription: member.id, webhookId: batch.id, sha256, sequence, previous, events, revision, status });
    return status;
  };

  return {
    description: `https://${member.id}.example.com`,
    limits,
    send: async (batch, { number }) => {
      const nowMs = clock.nowMs() + run.skewMs;
      const { body, headers } = webhookRequest({
        target,
        id: batch.id,
        body: encodeWebhookBody(batch),
        headers: {},
        secrets,
        nowMs,
      });
      if (headers['webhook-id'] !== batch.id) throw new Error('the request names another batch');
      const contentSha256 = sha256Hex(body);
      try {
        const status = await call(run, {
          operation: 'send',
          target: `${member.id} ${batch.id.slice(0, 10)} sequence ${batch.sequence}, ${batch.lines.length} events`,
          perform: (mishap) => answer(batch, body, mishap),
          lost: (point) => new NoAnswer(`lost ${point}`),
        });
        const retryAfter = status === 429 ? { retryAfter: '30' } : {};
        return classifyWebhookAnswer(
          { status, text: `answered ${status}`, ...retryAfter },
          { number, nowMs, contentSha256 },
        );
      } catch (error) {
        if (error instanceof NoAnswer) return classifyWebhookFailure('deadline passed', error.message, { number });
        throw error;
      }
    },
  };
};

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

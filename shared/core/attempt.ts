/** One try to reach a destination, as the log of attempts keeps it for 30 days. */
import type { Outcome, Response } from './batch.ts';
import { sha256Hex } from './segment.ts';

export interface Attempt extends Response {
  /** Ids sort the newest attempt first. */
  readonly id: string;
  readonly kind: 'batch' | 'challenge' | 'test' | 'digest';
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly durationMs: number;
  /** `webhook-id` of what was sent. */
  readonly batch: string;
  /** Sequence of the batch; absent for a probe. */
  readonly sequence?: number;
  /** In a row, from 1. */
  readonly number: number;
  readonly events: number;
  readonly outcome: Outcome['kind'];
  /** For people, cut and masked. */
  readonly answer: string;
}

export const attemptPartition = (subscription: string): string => `attempt/${subscription}`;

export const attemptsKeptMs = 30 * 24 * 3_600_000;

/** What is known when a try is over. */
export interface Tried {
  readonly kind: Attempt['kind'];
  readonly batch: string;
  readonly sequence?: number;
  readonly number: number;
  readonly events: number;
  readonly outcome: Pick<Outcome, 'kind' | 'answer' | 'response'>;
  /** Epoch ms. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** The first 16 KiB of an answer are kept; in JSON they may be longer, and a record has its limit. */
const mostBodyBytes = 16 * 1024;
const mostAnswer = 1000;
const mostRequestId = 200;

/** The same try gives the same record, whichever process logs it. */
export const attemptOf = (tried: Tried): Attempt => {
  const { kind, batch, sequence, number, events, outcome, startedAtMs, endedAtMs } = tried;
  const { status, body, requestId } = outcome.response ?? {};
  return {
    id: attemptId(tried),
    kind,
    at: new Date(startedAtMs).toISOString(),
    durationMs: Math.max(0, endedAtMs - startedAtMs),
    batch,
    ...(sequence !== undefined && { sequence }),
    number,
    events,
    outcome: outcome.kind,
    answer: outcome.answer.slice(0, mostAnswer),
    ...(status !== undefined && { status }),
    ...(body !== undefined && { body: cut(body) }),
    ...(requestId !== undefined && { requestId: requestId.slice(0, mostRequestId) }),
  };
};

/** Later tries sort first: the time counts down from a number that is beyond every date. */
const attemptId = ({ startedAtMs, kind, batch, number }: Tried): string => {
  const countdown = String(9_999_999_999_999 - startedAtMs).padStart(13, '0');
  return `${countdown}-${sha256Hex(`${kind} ${batch} ${number}`).slice(0, 12)}`;
};

/** Cuts to so many bytes of UTF-8, at the end of a character. Control characters are replaced, because each would take six bytes in JSON. */
const cut = (text: string): string => {
  const bytes = Buffer.from(text.replace(unprintable, ' ').toWellFormed());
  if (bytes.length <= mostBodyBytes) return bytes.toString();
  let end = mostBodyBytes;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
};

const unprintable = /[^\P{Cc}\n\t]/gu;

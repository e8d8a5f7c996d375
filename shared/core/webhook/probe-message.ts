/** The bodies of the messages that are no batch (see `core/probe.ts`), and what counts as an answer to a challenge. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Outcome } from '../batch.ts';
import type { Probe } from '../probe.ts';

/**
 * The body of a probe: the same probe makes the same bytes.
 * @param example the event of a test, as one line in the subscription's form
 */
export const probeBody = (probe: Probe, example: Uint8Array): Uint8Array => {
  switch (probe.kind) {
    case 'challenge':
      return bodyOf('closer.security.challenge', probe, `"challenge":${JSON.stringify(probe.token ?? '')}`);
    case 'test':
      return bodyOf('closer.security.test', probe, `"events":[${Buffer.from(example).toString()}]`);
    default:
      return probe.kind satisfies never;
  }
};

const bodyOf = (type: string, { subscription, at }: Probe, content: string): Uint8Array =>
  Buffer.from(
    `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(at)},"data":{"subscription":${JSON.stringify(subscription)},${content}}}`,
  );

/** Whether an answer repeats the token: as its whole body, white space around it aside, or as member `challenge` of a JSON object. */
export const repeatsToken = (token: string, body: Uint8Array): boolean => {
  const text = Buffer.from(body).toString().trim();
  return token !== '' && (isEqual(text, token) || isEqual(memberIn(text), token));
};

/**
 * What the answer means for a probe. A success that does not repeat the token of a challenge leads to another attempt, and so do answers
 * that blame a batch (400, 413, 422), because there is nothing to halve.
 */
export const probeOutcome = (probe: Probe, outcome: Outcome, body: Uint8Array): Outcome => {
  const { answer, response } = outcome;
  const again = (why: string): Outcome => ({ kind: 'retry', answer: why, ...(response && { response }) });
  if (outcome.kind === 'poison' || outcome.kind === 'too large') return again(answer);
  const isUnproven =
    outcome.kind === 'delivered' && probe.kind === 'challenge' && !repeatsToken(probe.token ?? '', body);
  return isUnproven ? again(`${answer}, but the answer does not repeat the challenge. ${expected}`) : outcome;
};

/** The sentence for the people who run the endpoint. */
const expected =
  'Answer 200 with the value of data.challenge, as the whole body or as {"challenge":"…"}: it shows that the endpoint is yours.';

const memberIn = (text: string): string => {
  try {
    const value: unknown = JSON.parse(text);
    const { challenge } = (value ?? {}) as { readonly challenge?: unknown };
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    return '';
  }
};

/** Compares in a time that does not depend on the token. */
const isEqual = (given: string, expected: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));

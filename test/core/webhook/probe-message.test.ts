import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../shared/core/batch.ts';
import { exampleLine } from '../../../shared/core/example-event.ts';
import type { Probe } from '../../../shared/core/probe.ts';
import { probeBody, probeOutcome, repeatsToken } from '../../../shared/core/webhook/probe-message.ts';

const at = '2026-11-20T10:15:30.000Z';
const token = 'N4kT-0_zqbM2t7mXc1vP5rYw8uLsDfGhJ3';
const challenge: Probe = { kind: 'challenge', id: 'msg_1', subscription: 'acme-soc', token, at };
const test: Probe = { kind: 'test', id: 'msg_2', subscription: 'acme-soc', at };
const parsed = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());

describe('a challenge', () => {
  it('carries the token in the envelope of every message, and is the same on every attempt', () => {
    expect(parsed(probeBody(challenge, exampleLine(at)))).toEqual({
      type: 'closer.security.challenge',
      timestamp: at,
      data: { subscription: 'acme-soc', challenge: token },
    });
    expect(probeBody(challenge, exampleLine(at))).toEqual(probeBody(challenge, exampleLine(at)));
  });

  it.each([token, ` ${token}\r\n`, `{"challenge":"${token}"}`, `{"ok":true,"challenge":"${token}"}\n`])(
    'is answered by %j',
    (body) => {
      expect(repeatsToken(token, Buffer.from(body))).toBe(true);
    },
  );

  it.each([
    '',
    'ok',
    token.slice(1),
    `${token}${token}`,
    token.toLowerCase(),
    `"${token}"`,
    `["${token}"]`,
    `{"challenge":["${token}"]}`,
    `{"data":{"challenge":"${token}"}}`,
    `the token is ${token}`,
    'null',
    '{"challenge":',
    probeBody(challenge, exampleLine(at)).toString(),
  ])('is not answered by %j', (body) => {
    expect(repeatsToken(token, Buffer.from(body))).toBe(false);
  });

  it('without a token is answered by nothing, not even by nothing', () => {
    expect(repeatsToken('', Buffer.from(''))).toBe(false);
  });
});

describe('a test', () => {
  const body = parsed(probeBody(test, exampleLine(at)));

  it('carries one event under a type of its own, without a place in the chain', () => {
    expect(body).toMatchObject({ type: 'closer.security.test', timestamp: at, data: { subscription: 'acme-soc' } });
    expect(Object.keys((body as { data: object }).data)).toEqual(['subscription', 'events']);
  });

  it('holds nothing that could pass for a real event: dataset, module and label are of their own, and no rule on a category matches', () => {
    const [event] = (body as { data: { events: readonly Record<string, Record<string, string>>[] } }).data.events;
    expect(event).toMatchObject({
      event: { dataset: 'sluice.test', module: 'sluice' },
      labels: { sluice_test: 'true' },
    });
    expect(Object.keys(event?.['event'] ?? {})).not.toEqual(expect.arrayContaining(['category', 'type', 'outcome']));
    expect(event?.['source']?.['ip']).toMatch(/^192\.0\.2\./);
  });
});

describe('what an answer means for a probe', () => {
  const delivered: Outcome = { kind: 'delivered', answer: '200 OK', contentSha256: 'abc', response: { status: 200 } };

  it('is proof when the token came back, and another attempt that says what was expected when it did not', () => {
    expect(probeOutcome(challenge, delivered, Buffer.from(token))).toEqual(delivered);
    expect(probeOutcome(challenge, delivered, Buffer.from('welcome'))).toEqual({
      kind: 'retry',
      answer: expect.stringMatching(/^200 OK, but the answer does not repeat the challenge\. Answer 200 with/),
      response: { status: 200 },
    });
  });

  it('is any success for a test', () => {
    expect(probeOutcome(test, delivered, Buffer.from(''))).toEqual(delivered);
  });

  it.each(['poison', 'too large'] as const)('is another attempt where a batch would be cut: %s', (kind) => {
    expect(probeOutcome(challenge, { kind, answer: '400 Bad Request' }, Buffer.from(token))).toEqual({
      kind: 'retry',
      answer: '400 Bad Request',
    });
  });

  it.each(['gone', 'misconfigured', 'throttled', 'retry'] as const)('is what the answer says otherwise: %s', (kind) => {
    expect(probeOutcome(challenge, { kind, answer: 'no' }, Buffer.from(token))).toEqual({ kind, answer: 'no' });
  });
});

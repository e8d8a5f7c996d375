/**
 * The bytes a batch is sent as. Pure: the same batch gives the same bytes on every attempt, in this run or after a crash.
 *
 * Lines come in the subscription's form and are copied as they are, never parsed: a body of 500 events is one buffer and no string per event.
 */
import type { Batch } from './batch.ts';
import { noHash } from './segment.ts';
import type { SubscriptionFormat } from './subscription.ts';

export const webhookType = 'closer.security.events';

/**
 * `{"type":"closer.security.events","timestamp":…,"data":{"subscription":…,"sequence":…,"previous":…,"events":[…]}}`:
 * the payload form of Standard Webhooks 1.0.0; `timestamp` is `batch.committedAt`.
 */
export const encodeWebhookBody = (batch: Batch): Uint8Array => {
  const envelope = JSON.stringify({
    type: webhookType,
    timestamp: batch.committedAt,
    data: { subscription: batch.subscription, sequence: batch.sequence, previous: batch.previous, events: [] },
  });
  return joined(envelope.slice(0, -closing.length), batch.lines, ',', closing);
};

/** One line per event, each ended by a newline: NDJSON, or lines of CEF (which in a webhook are JSON texts and are unpacked here). */
export const encodeObject = (batch: Batch, format: SubscriptionFormat = 'ecs'): Uint8Array =>
  objectOf(batch.lines, format);

export const objectOf = (lines: readonly Uint8Array[], format: SubscriptionFormat): Uint8Array =>
  joined('', format === 'cef' ? lines.map(plainText) : lines, '\n', '\n');

const plainText = (line: Uint8Array): Uint8Array => Buffer.from(String(JSON.parse(Buffer.from(line).toString('utf8'))));

const closing = ']}}';

/** @param separator one ASCII character */
const joined = (head: string, lines: readonly Uint8Array[], separator: ',' | '\n', tail: string): Uint8Array => {
  const separatorByte = separator.charCodeAt(0);
  let size = head.length + Math.max(lines.length - 1, 0) + tail.length;
  for (const line of lines) size += line.length;

  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.write(head, 0, 'latin1');
  for (const [index, line] of lines.entries()) {
    if (index > 0) bytes[at++] = separatorByte;
    bytes.set(line, at);
    at += line.length;
  }
  bytes.write(tail, at, 'latin1');
  return bytes;
};

/** A tenant's id, a hyphen and twelve characters: see `storedId`. */
const longestSubscriptionId = 80;

/** The most bytes that a body or object holds beside its events and one separator for each. */
export const largestEnvelopeBytes = encodeWebhookBody({
  id: '',
  subscription: 'x'.repeat(longestSubscriptionId),
  tenant: '',
  sequence: Number.MAX_SAFE_INTEGER,
  previous: noHash,
  lines: [],
  committedAt: '2026-01-01T00:00:00.000000000Z',
}).length;

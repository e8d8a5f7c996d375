/**
 * The made-up event of a test message: it shows the form in which events will come, and cannot be mistaken for a real event. Its dataset
 * and module belong to no source, it has no category and no outcome that a detection rule could match, its addresses and names are those
 * reserved for documentation (RFC 5737, RFC 2606), and its label says what it is.
 */

/**
 * The event as one line, as events lie in the journal.
 * @param at its time, ISO 8601: the same time makes the same line
 */
export const exampleLine = (at: string): Uint8Array =>
  Buffer.from(JSON.stringify({ '@timestamp': at, ...rest, event: { ...event, created: at } }));

const event = {
  kind: 'event',
  action: 'sluice_test',
  id: 'sluice-test',
  module: 'sluice',
  dataset: 'sluice.test',
  provider: 'sluice',
} as const;

const rest = {
  ecs: { version: '9.4.0' },
  message: 'This is a test of your subscription. Nothing happened.',
  event,
  user: { id: 'example', email: 'example@example.com', roles: ['EXAMPLE'] },
  http: { request: { method: 'PUT' }, response: { status_code: 204 } },
  source: { address: '192.0.2.1', ip: '192.0.2.1' },
  url: { full: 'https://example.com/api/test', scheme: 'https', domain: 'example.com', path: '/api/test' },
  related: { user: ['example'], ip: ['192.0.2.1'] },
  observer: { vendor: 'Closer', product: 'Closer' },
  labels: { sluice_test: 'true' },
} as const;

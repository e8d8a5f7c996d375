/**
 * The other side of the demo, a process of its own: takes webhooks and accepts only those that `standardwebhooks`, a library that is not
 * ours, verifies. What it accepted or refused is appended to a file before it answers; it prints nothing.
 *
 * Its work arrives over the channel to its parent process, so that no secret shows in a list of processes; it ends with its parent.
 */
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { ReceivedRequest } from './received.ts';

interface Work {
  /** By subscription, which is the last part of the path. */
  readonly secrets: Readonly<Record<string, string>>;
  /** NDJSON of `ReceivedRequest`. */
  readonly record: string;
}

const largestBody = 4 * 1024 * 1024;

const receive = async (request: IncomingMessage, { secrets, record }: Work): Promise<number> => {
  const subscription = request.url?.split('/').at(-1) ?? '';
  const secret = Object.hasOwn(secrets, subscription) ? secrets[subscription] : undefined;
  if (request.method !== 'POST' || secret === undefined) return 404;
  const body = await textOf(request);
  if (body === undefined) return 413;
  const received = { subscription, id: String(request.headers['webhook-id']), ...judge(body, request, secret) };
  appendFileSync(record, `${JSON.stringify(received satisfies ReceivedRequest)}\n`);
  return received.verified ? 204 : 401;
};

const judge = (
  body: string,
  request: IncomingMessage,
  secret: string,
): Pick<ReceivedRequest, 'verified' | 'events'> => {
  try {
    const payload = new Webhook(secret).verify(body, request.headers as Record<string, string>) as Payload;
    return { verified: true, events: payload.data.events.map(({ event }) => event.id) };
  } catch {
    return { verified: false, events: [] };
  }
};

interface Payload {
  readonly data: { readonly events: readonly { readonly event: { readonly id: string } }[] };
}

const textOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > largestBody) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

process.once('message', (work: Work) => {
  const server = createServer((request, response) => {
    receive(request, work).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
  });
});
process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent stops first, and this ends with it.
process.on('SIGINT', () => {});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a client asked. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The parsed JSON, `{}` without a body. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Told {
  readonly status: number;
  /** A JSON value, or a text that is sent as it is; what is forwarded comes as a text. */
  readonly body: unknown;
  /** Without the header that names the product when it is `false`. */
  readonly namesProduct?: boolean;
}

/** What becomes of one exchange: `forward` asks the server; `'dropped'`: the connection is closed without an answer. */
export type Rule = (
  asked: Asked,
  forward: (instead?: Asked) => Promise<Told>,
) => Told | 'dropped' | Promise<Told | 'dropped'>;

/** The JSON of an answer that was forwarded. */
export const jsonOf = ({ body }: Told): Readonly<Record<string, unknown>> =>
  typeof body === 'string' ? JSON.parse(body) : Object(body);

export interface WireTap {
  readonly url: string;
  /** Every request that came, in order. */
  readonly asked: readonly Asked[];
  /** Holds for every exchange from now on; without a rule all are forwarded. */
  obey(rule: Rule | undefined): void;
}

/**
 * Stands between a source and an Elasticsearch, real or not, and does to the exchanges what networks, proxies and servers do to them.
 * Gone when the test has ended.
 */
export const wireTap = async (upstream: string): Promise<WireTap> => {
  const asked: Asked[] = [];
  let rule: Rule | undefined;

  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const question = await questionOf(request);
    asked.push(question);
    const forward = (instead = question) => forwardTo(upstream, instead);
    const told = await (rule ? rule(question, forward) : forward());
    if (told === 'dropped') {
      response.socket?.destroy();
      return;
    }
    const { status, body, namesProduct = true } = told;
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(namesProduct && { 'x-elastic-product': 'Elasticsearch' }),
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

  const server = createServer((request, response) => {
    exchange(request, response).catch((error: unknown) => {
      response.writeHead(502).end(String(error));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    obey: (next) => {
      rule = next;
    },
  };
};

const questionOf = async (request: IncomingMessage): Promise<Asked> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { method: request.method ?? 'GET', path: request.url ?? '/', body: text === '' ? {} : JSON.parse(text) };
};

const forwardTo = async (upstream: string, { method, path, body }: Asked): Promise<Told> => {
  const response = await fetch(new URL(path, upstream), {
    method,
    headers: { 'content-type': 'application/json' },
    body: Object.keys(body).length === 0 ? null : JSON.stringify(body),
  });
  return { status: response.status, body: await response.text() };
};

/** A webhook receiver on loopback that records what comes and answers as it is told. */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answers one request; the default is 200 without a body. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface Receiver {
  readonly port: number;
  /** `http://127.0.0.1:{port}/hook`, or `https://…` with `tls`. */
  readonly url: string;
  readonly received: readonly Received[];
  /** Connections opened so far. */
  connections(): number;
  /** Resolves when every connection is closed. */
  idle(): Promise<void>;
  /** Scripts the next answers; afterwards the default again. */
  answerWith(...answers: readonly Answer[]): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ReceiverOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly answer?: Answer;
}

/** Use with `await using`: it is closed, its connections with it, at the end of the block. */
export const receiver = async (options: ReceiverOptions = {}): Promise<Receiver> => {
  const received: Received[] = [];
  const script: Answer[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks),
      });
      const answer = script.shift() ?? options.answer ?? answers.status(200);
      answer(response, request);
    });
  };

  const server: Server = options.tls ? createHttpsServer(options.tls, onRequest) : createHttpServer(onRequest);
  // Ends no idle connection by itself: when to do so is the sender's decision.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/hook`,
    received,
    connections: () => connections,
    idle: async () => {
      await Promise.all([...sockets].map((socket) => new Promise((closed) => socket.once('close', closed))));
    },
    answerWith: (...next) => {
      script.push(...next);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
};

export const answers = {
  status:
    (status: number, headers: Readonly<Record<string, string>> = {}, body: string | Uint8Array = ''): Answer =>
    (response) => {
      response.writeHead(status, headers).end(body);
    },
  /** Accepts and never answers. */
  never: (() => {}) as Answer,
  reset: ((response) => {
    response.socket?.destroy();
  }) as Answer,
  /** Whatever these bytes are. */
  raw:
    (text: string): Answer =>
    (response) => {
      response.socket?.end(text);
    },
  endlessBody:
    (status: number): Answer =>
    (response) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const pump = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.writeHead(status).on('drain', pump);
      pump();
    },
} as const;

/** What a receiver may do to a request that it has read whole: answers for `receiver` and `hostileReceiver`, over TLS and without it. */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Answer, answers } from './receiver.ts';

const mebibyte = 1024 * 1024;
const okHead = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';

/** Writes `bytes` again and again, as fast as they are taken, until the connection is gone. */
const pump = (response: ServerResponse, bytes: string | Uint8Array): void => {
  const { socket } = response;
  const write = (): void => {
    while (socket?.writable && socket.write(bytes));
  };
  socket?.on('drain', write);
  write();
};

/** Writes `head`, then `piece` every few milliseconds, which stand for the second of the real ones, until the connection is gone. */
const drip =
  (head: string, piece: string, everyMs = 5): Answer =>
  (response) => {
    const { socket } = response;
    socket?.write(head);
    const timer = setInterval(() => socket?.write(piece), everyMs);
    socket?.on('close', () => clearInterval(timer));
  };

export const hostileAnswers = {
  /** D1 */
  never: answers.never,
  dripsItsHeaders: drip(`${okHead}X-Drip: `, 'x'),
  dripsItsBody: (status: number): Answer => drip(`HTTP/1.1 ${status} Slowly\r\nContent-Length: 1000000\r\n\r\n`, 'x'),
  /** `103 Early Hints` for ever, one now and then, or as many as the line carries. */
  dripsInterimAnswers: drip('', 'HTTP/1.1 103 Early Hints\r\n\r\n', 100),
  floodsInterimAnswers: ((response) => pump(response, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000))) as Answer,
  endlessBody: (status: number): Answer => answers.endlessBody(status),
  /** One header after the other, for ever. */
  endlessHeaders: ((response) => pump(response, `${okHead}${'X-More: and more\r\n'.repeat(4000)}`)) as Answer,
  /** 64 MiB of zeros in 64 KiB. */
  gzipBomb: (status: number): Answer =>
    answers.status(status, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(64 * mebibyte))),
  tenThousandHeaders: answers.raw(
    `${okHead}${Array.from({ length: 10_000 }, (_, at) => `X-Header-${at}: value\r\n`).join('')}\r\n`,
  ),

  /** D2: what counts is what the sender sees; `resetAfterReading` of `hostile-connections.ts` sends a real RST. */
  closesWithoutAnAnswer: ((response) => void response.socket?.end()) as Answer,
  destroysTheConnection: answers.reset,
  /** Answers, says that the connection may be kept, and closes it. */
  answersAndCloses: ((response) => {
    response.on('finish', () => response.socket?.end());
    response.writeHead(200, { connection: 'keep-alive', 'content-length': 0 }).end();
  }) as Answer,

  /** D3 */
  redirectsTo: (status: number, location: string): Answer => answers.status(status, { location }),
  /** D4 */
  asksForTime: (status: number, retryAfter: string): Answer => answers.status(status, { 'retry-after': retryAfter }),

  /** HTTP that is old, or none at all. */
  speaksHttp10: answers.raw('HTTP/1.0 200 OK\r\n\r\nfine'),
  switchesProtocol: answers.raw('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
  garbledChunks: answers.raw('HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\nnot a chunk\r\n0\r\n\r\n'),
  twoLengths: answers.raw('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'),
  noHttp: answers.raw('SSH-2.0-OpenSSH_9.6\r\n'),
} as const satisfies Readonly<Record<string, Answer | ((...arguments_: never[]) => Answer)>>;

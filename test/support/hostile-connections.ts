/** What a port may do to a connection before, below or in the middle of HTTP: for `hostilePort`. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { certificates } from './hostile-receiver.ts';

type Connection = (socket: Socket) => void;

/** Speaks TLS on the connection and hands out what was said; `raw` stays at hand for what TLS cannot do. */
const withTls =
  (act: (secured: TLSSocket, raw: Socket) => void): Connection =>
  (raw) => {
    const secured = new TLSSocket(raw, { isServer: true, ...certificates.hooks });
    secured.on('error', () => raw.destroy());
    act(secured, raw);
  };

export const hostileConnections = {
  /** Takes the connection and says nothing: TLS never begins. */
  neverShakesHands: ((socket) => void socket.resume()) as Connection,
  /** Begins a TLS record of 16 KiB and drips its bytes. */
  dripsTheHandshake: ((socket) => {
    socket.write(Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00, 0x02]));
    const timer = setInterval(() => socket.write(Buffer.from([0])), 5);
    socket.on('close', () => clearInterval(timer));
    socket.resume();
  }) as Connection,
  closesAtOnce: ((socket) => void socket.end()) as Connection,
  resetsAtOnce: ((socket) => void socket.resetAndDestroy()) as Connection,
  /** Plain HTTP where TLS was expected. */
  speaksPlainHttp: ((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  }) as Connection,
  /** Reads the beginning of the request over TLS and sends a TCP reset. */
  resetsAfterReading: withTls((secured, raw) => void secured.once('data', () => raw.resetAndDestroy())),
  /** Answers as soon as the first bytes are there, reads none of the rest, and closes: what a proxy does to a body that is too large. */
  answersBeforeTheBody: (status: number): Connection =>
    withTls((secured) => {
      secured.once('data', () => {
        secured.pause();
        secured.end(`HTTP/1.1 ${status} Enough\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      });
    }),
  /** Answers as soon as the first bytes are there, and never reads the rest nor closes. */
  answersAndStopsReading: (status: number): Connection =>
    withTls((secured) => {
      secured.once('data', () => {
        secured.pause();
        secured.write(`HTTP/1.1 ${status} Enough\r\nContent-Length: 0\r\n\r\n`);
      });
    }),
  /** Takes the request's beginning and never reads on: the sender's buffers fill. */
  neverReadsTheBody: withTls((secured) => void secured.once('data', () => secured.pause())),
} as const satisfies Readonly<Record<string, Connection | ((status: number) => Connection)>>;

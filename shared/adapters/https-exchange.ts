/**
 * One HTTP request and its answer, within bounds: nothing the other side does makes it throw, wait past the deadline or fill memory.
 *
 * Redirects are not followed, bodies are not decompressed, at most 16 KiB of headers and 16 KiB of body are read.
 */
import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ExchangeFailure } from '../core/webhook/answer.ts';
import type { WebhookRequest } from '../core/webhook/request.ts';
import { TargetRefused } from './checked-lookup.ts';

export interface Deadlines {
  /** From the start until the connection stands, look-up and TLS included. */
  readonly connectMs: number;
  /** From the start until the end of the answer. */
  readonly exchangeMs: number;
}

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

export interface ExchangeOptions extends Deadlines {
  readonly agents: Agents;
  readonly lookup: LookupFunction;
  readonly signal?: AbortSignal;
}

export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly reason: string;
      readonly headers: IncomingMessage['headers'];
      /** The first bytes of the body. */
      readonly body: Uint8Array;
    }
  | {
      readonly kind: 'failed';
      readonly failure: ExchangeFailure;
      readonly message: string;
    };

const mostHeaderBytes = 16 * 1024;
const mostBodyBytes = 16 * 1024;
/**
 * Interim answers (`100 Continue`, `103 Early Hints`) allowed before the real one: none is needed, and a flood of them would be read until
 * the deadline.
 */
const mostInterimAnswers = 16;

/** Sends the request. Once a status line came there is an answer: if its body breaks off or never ends, the part that was read is used. */
export const exchange = async (request: WebhookRequest, options: ExchangeOptions): Promise<Exchange> =>
  options.signal?.aborted ? { kind: 'failed', ...stopped } : send(request, options);

const stopped = { failure: 'stopped', message: 'The run ended before the answer came.' } as const;

const send = (request: WebhookRequest, options: ExchangeOptions): Promise<Exchange> =>
  new Promise((resolve) => {
    const { target, method, headers, body } = request;
    const isTls = target.protocol === 'https:';
    const { agents, lookup, connectMs, exchangeMs, signal } = options;

    const sent = (isTls ? httpsRequest : httpRequest)({
      agent: isTls ? agents.https : agents.http,
      hostname: target.hostname,
      port: target.port,
      path: target.path,
      method,
      headers,
      lookup,
      maxHeaderSize: mostHeaderBytes,
    });

    let answer: IncomingMessage | undefined;
    const chunks: Buffer[] = [];
    let bodyBytes = 0;

    const settle = (result: Exchange): void => {
      clearTimeout(connectTimer);
      clearTimeout(exchangeTimer);
      signal?.removeEventListener('abort', stop);
      resolve(result);
    };
    const answered = (message: IncomingMessage): void =>
      settle({
        kind: 'answered',
        status: message.statusCode ?? 0,
        reason: message.statusMessage ?? '',
        headers: message.headers,
        body: Buffer.concat(chunks).subarray(0, mostBodyBytes),
      });
    const fail = (failure: ExchangeFailure, message: string): void => {
      if (answer) answered(answer);
      else settle({ kind: 'failed', failure, message });
      sent.destroy();
    };
    const stop = (): void => fail(stopped.failure, stopped.message);

    const connectTimer = setTimeout(() => fail('deadline passed', `No connection within ${connectMs} ms.`), connectMs);
    const exchangeTimer = setTimeout(() => fail('deadline passed', `No answer within ${exchangeMs} ms.`), exchangeMs);
    signal?.addEventListener('abort', stop, { once: true });

    sent.on('socket', (socket) => {
      if (sent.reusedSocket) clearTimeout(connectTimer);
      else socket.once(isTls ? 'secureConnect' : 'connect', () => clearTimeout(connectTimer));
    });
    sent.on('error', (error) => fail(failureOf(error), describe(error)));
    let interimAnswers = 0;
    sent.on('information', () => {
      interimAnswers += 1;
      if (interimAnswers > mostInterimAnswers) fail('answer unreadable', 'it sends one interim answer after the other');
    });
    // Without this a `101` would leave the request open until its deadline.
    sent.on('upgrade', (_message, socket) => {
      socket.destroy();
      fail('answer unreadable', 'it switches to another protocol');
    });
    sent.on('response', (message) => {
      answer = message;
      message.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bodyBytes += chunk.length;
        if (bodyBytes > mostBodyBytes) {
          answered(message);
          sent.destroy();
        }
      });
      message.on('end', () => {
        answered(message);
        // The receiver answered before it had read the whole request. It will not read the rest, which would stay in memory with the
        // connection.
        if (!sent.writableFinished) sent.destroy();
      });
      message.on('error', () => answered(message));
    });
    sent.end(body);
  });

/**
 * Several addresses that all failed come as an `AggregateError` without a message of its own. Node puts the address of this machine into
 * some messages; it is removed, because customers read them.
 */
const describe = (error: NodeJS.ErrnoException): string => {
  const message =
    error instanceof AggregateError && error.message === ''
      ? error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ')
      : error.message;
  return message.replaceAll(/ - Local \([^)]*\)/g, '');
};

const failureOf = (error: NodeJS.ErrnoException): ExchangeFailure => {
  if (error instanceof TargetRefused) return 'target refused';
  const code = error.code ?? '';
  if (code === 'ENOTFOUND') return 'unknown host';
  if (code.startsWith('HPE_')) return 'answer unreadable';
  if (isCertificateCode(code)) return 'certificate';
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'connection lost' : 'unreachable';
};

/**
 * Whether this is a code that `node:tls` reports for a certificate that it does not accept.
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const isCertificateCode = (code: string): boolean =>
  code === 'ERR_TLS_CERT_ALTNAME_INVALID' ||
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)/.test(
    code,
  );

import type { Readable } from 'node:stream';
import { type BaseConnection, Client, errors, HttpConnection } from '@elastic/elasticsearch';
import { OperatorMustFix, withoutPath } from '../../core/errors.ts';
import { parseExactly } from '../../core/exact-json.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { type Credentials, credentialsFrom } from './credentials.ts';
import { unreachable, wasReset } from './unreachable.ts';

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Encoded, begins with `/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

export type Answer =
  /** `body` is the parsed JSON, whole numbers beyond 2^53 - 1 as texts, `undefined` when it is none; `bytes` its length on the wire. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown; readonly bytes: number }
  /** The answer is longer than the bound and was not read to its end. */
  | { readonly kind: 'too long'; readonly maxBytes: number };

/** The class that carries the client's requests: HTTP, unless a test replaces the server within the process. */
export type Wire = typeof BaseConnection;

export interface Connection {
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  /**
   * One exchange, from the first byte sent to the last one read within `timeoutMs`. Any status is an answer but 401.
   * @throws OperatorMustFix unknown host, TLS, no Elasticsearch, refused credentials; RetryLater no or half an answer
   */
  ask(question: Question): Promise<Answer>;
}

/**
 * A connection to one Elasticsearch, of any version from 7.17 on: plain `application/json` on both headers, because an 8.x server refuses
 * the content type that a 9.x client sends by default.
 *
 * Bodies are read as streams: the client's own timeouts end with the first header, so a server that stalls in the middle of a body would
 * block it for ever.
 * @param maxAnswerBytes bound of one answer, 1 to 512 MiB
 */
export const connectTo = (options: {
  readonly url: string;
  readonly secrets: Secrets;
  readonly maxAnswerBytes: number;
  readonly wire?: Wire;
}): Connection => {
  const origin = withoutPath(options.url);
  const client = clientFor(options.url, options.wire ?? HttpConnection);

  const exchange = async (question: Question, { authorization }: Credentials): Promise<Answer> => {
    const { method, path, query, body, timeoutMs } = question;
    const deadline = AbortSignal.timeout(timeoutMs);
    const result = await client.transport.request<Readable>(
      { method, path, ...(query && { querystring: query }), ...(body !== undefined && { body: JSON.stringify(body) }) },
      {
        asStream: true,
        meta: true,
        signal: deadline,
        requestTimeout: timeoutMs,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...(authorization !== undefined && { authorization }),
        },
      },
    );
    const read = await bytesOf(result.body, options.maxAnswerBytes, deadline);
    if (read === 'too long') return { kind: 'too long', maxBytes: options.maxAnswerBytes };
    return { kind: 'answer', status: result.statusCode ?? 0, body: parsed(read), bytes: read.length };
  };

  const askOnce = async (question: Question, credentials: Credentials): Promise<Answer> => {
    try {
      return await exchange(question, credentials).catch((error: unknown) => {
        if (wasReset(error)) return exchange(question, credentials);
        throw error;
      });
    } catch (error) {
      throw unreachable(origin, question.timeoutMs, error);
    }
  };

  return {
    origin,
    ask: async (question) => {
      const credentials = await credentialsFrom(options.secrets);
      const answer = await askOnce(question, credentials);
      if (!isUnauthorized(answer)) return answer;
      const renewed = await credentialsFrom(options.secrets);
      const again = renewed.authorization === credentials.authorization ? answer : await askOnce(question, renewed);
      if (!isUnauthorized(again)) return again;
      throw new OperatorMustFix(
        renewed.authorization === undefined
          ? `Elasticsearch at ${origin} asks for credentials (401 Unauthorized), and none are set. Add "elasticsearch": { "apiKey": "…" } to what SLUICE_SECRETS names; with SLUICE_SECRETS=env: set SLUICE_SECRET_ELASTICSEARCH='{ "apiKey": "…" }'.`
          : `Elasticsearch at ${origin} refuses ${renewed.kind} (401 Unauthorized). Check the secret "elasticsearch".`,
      );
    },
  };
};

const isUnauthorized = (answer: Answer): boolean => answer.kind === 'answer' && answer.status === 401;

const clientFor = (url: string, wire: Wire): Client => {
  const node = URL.canParse(url) ? new URL(url) : undefined;
  if (node === undefined || !/^https?:$/.test(node.protocol))
    throw new OperatorMustFix(
      `SLUICE_SOURCE_URL must be the URL of an Elasticsearch, such as https://es.example.com:9200; got "${url}".`,
    );
  if (node.username !== '' || node.password !== '')
    throw new OperatorMustFix(
      'SLUICE_SOURCE_URL must not hold a user or password, since settings are printed. Move them into the secret "elasticsearch".',
    );
  return new Client({
    node: url,
    Connection: wire,
    agent: { keepAlive: true, maxSockets: 8, maxFreeSockets: 2 },
    maxRetries: 0,
    enableMetaHeader: false,
    name: 'sluice',
  });
};

const bytesOf = async (body: Readable, maxBytes: number, deadline: AbortSignal): Promise<Buffer | 'too long'> => {
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = () => body.destroy(new errors.TimeoutError('the body was not complete in time'));
  deadline.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) return 'too long';
    }
    return Buffer.concat(chunks, length);
  } finally {
    deadline.removeEventListener('abort', stop);
  }
};

/** `undefined` if the body is no JSON, such as a proxy's page: then the status decides. */
const parsed = (bytes: Buffer): unknown => {
  try {
    return parseExactly(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

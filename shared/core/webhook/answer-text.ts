/** Makes the receiver's answer fit for people and logs. */
import type { Response } from '../batch.ts';
import { maskSecrets } from '../errors.ts';
import { withoutEcho } from './echo.ts';

const mostReason = 60;
const mostText = 200;
const mostRequestId = 128;
/** A body of this many bytes may have been cut here: see `exchange`. */
const mostRead = 16 * 1024;
/** Shorter texts are common words: masking them would hide more than it protects. */
const shortestSecret = 4;

export interface AnswerParts {
  readonly status: number;
  /** Reason phrase. */
  readonly reason: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The beginning of the body as it came over the wire, at most 16 KiB. */
  readonly body: Uint8Array;
}

export interface Unspeakable {
  /** Texts that must not appear: secrets, the URL's path, values of the subscription's own headers. */
  readonly secrets: readonly string[];
  /** The body that was sent. */
  readonly request: Uint8Array;
}

/** An answer as it may be shown. */
export interface ShownAnswer {
  /** `{status} {reason}`, and unless it is a success up to 200 printable characters of the body, on one line: for logs and alerts. */
  readonly text: string;
  /** For the log of attempts. */
  readonly response: Response;
}

/** The answer with secrets masked, repetitions of the request cut out and control characters replaced. */
export const shownAnswer = (parts: AnswerParts, unspeakable: Unspeakable): ShownAnswer => {
  const isSuccess = parts.status >= 200 && parts.status <= 299;
  const body = shownBody(parts, unspeakable);
  const reason = shownLine(parts.reason, unspeakable).slice(0, mostReason);
  const head = `${parts.status} ${reason}`.trim();
  const said = isSuccess ? '' : onOneLine(body).slice(0, mostText);
  const requestId = requestIdIn(parts.headers, unspeakable);
  return {
    text: said === '' ? head : `${head}: ${said}`,
    response: {
      status: parts.status,
      ...(body !== '' && { body }),
      ...(requestId !== undefined && { requestId }),
    },
  };
};

const shownLine = (text: string, { secrets, request }: Unspeakable): string =>
  withoutEcho(masked(text, secrets), request);

/** A compressed body is not shown. */
const shownBody = ({ body, headers }: AnswerParts, { secrets, request }: Unspeakable): string => {
  const isPlain = (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity';
  if (!isPlain || body.length === 0) return '';
  const read = decoder.decode(body);
  // Masked before it is cut, because otherwise the beginning of a secret could be left at the end.
  const whole = body.length < mostRead ? read : withoutBegunSecret(read, secrets);
  return withoutEcho(maskedLines(whole, secrets), request);
};

/** Removes the beginning of a secret at the end of a text: reading may have stopped within a secret. */
const withoutBegunSecret = (text: string, secrets: readonly string[]): string => {
  const begun = secrets.flatMap((secret) =>
    Array.from({ length: secret.length }, (_, length) => length).filter(
      (length) => length > 0 && text.endsWith(secret.slice(0, length)),
    ),
  );
  return text.slice(0, text.length - Math.max(0, ...begun));
};

/** Headers in which clouds, gateways and frameworks return the id of a request, the most useful first. */
const requestIdNames = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'x-amz-request-id',
  'x-ms-request-id',
  'x-correlation-id',
  'x-trace-id',
  'cf-ray',
] as const;

const requestIdIn = (headers: AnswerParts['headers'], unspeakable: Unspeakable): string | undefined => {
  const given = requestIdNames.map((name) => headers[name]).find((value) => value !== undefined && value !== '');
  const shown = given === undefined ? '' : shownLine(given, unspeakable).slice(0, mostRequestId);
  return shown === '' ? undefined : shown;
};

/** Any text about the receiver (an error's message) with the same secrets masked, on one line. */
export const masked = (text: string, secrets: readonly string[]): string => withoutSecrets(onOneLine(text), secrets);

const maskedLines = (text: string, secrets: readonly string[]): string =>
  withoutSecrets(
    text
      .replaceAll('\r\n', '\n')
      .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\n\t ]+/gu, ' ')
      .trim(),
    secrets,
  );

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  maskSecrets(
    secrets
      .filter((secret) => secret.length >= shortestSecret)
      .toSorted((a, b) => b.length - a.length)
      .reduce((shown, secret) => shown.replaceAll(secret, '***'), text),
  );

const decoder = new TextDecoder();

const onOneLine = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ').trim();

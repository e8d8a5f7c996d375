/** What the other side said, fit for people and logs. */
import { maskSecrets } from '../errors.ts';
import { withoutEcho } from './echo.ts';

const mostReason = 60;
const mostBody = 200;
/** Enough for what is shown; bounds the work of masking. */
const mostLookedAt = 2000;
/** Shorter texts are common words: masking them would hide more than it protects. */
const shortestSecret = 4;
const shortestPathSecret = 8;

export interface AnswerParts {
  readonly status: number;
  /** Reason phrase. */
  readonly reason: string;
  /** The beginning of the body as it came over the wire. */
  readonly body: Uint8Array;
  /** `content-encoding` of the answer; a compressed body is not shown. */
  readonly contentEncoding?: string;
}

export interface Unspeakable {
  /** Texts that must not appear: secrets, the URL's path, values of the subscription's own headers. */
  readonly secrets: readonly string[];
  /** What was sent. */
  readonly request: Uint8Array;
}

/**
 * `{status} {reason}`, and unless it is a success up to 200 printable characters of the body: secrets masked, repetitions of
 * the request cut out.
 */
export const answerText = (parts: AnswerParts, unspeakable: Unspeakable): string => {
  const isSuccess = parts.status >= 200 && parts.status <= 299;
  const isPlain = (parts.contentEncoding ?? 'identity').toLowerCase() === 'identity';
  const said = isSuccess || !isPlain ? '' : decoder.decode(parts.body.subarray(0, mostLookedAt));
  // Masked before it is cut, or the beginning of a secret could stay at the end.
  const shown = masked(said, unspeakable.secrets).slice(0, mostBody);
  const head = `${parts.status} ${masked(parts.reason, unspeakable.secrets).slice(0, mostReason)}`.trim();
  return shown === '' ? head : `${head}: ${withoutEcho(shown, unspeakable.request)}`;
};

/** The texts that a webhook's answer must not give away: what it is signed with, its own headers' values, its path and the longer parts of it. */
export const unspeakableOf = (of: {
  readonly signing: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
}): readonly string[] => [
  ...of.signing,
  ...Object.values(of.headers),
  of.path,
  ...of.path.split(/[/?&=]/).filter((part) => part.length >= shortestPathSecret),
];

/** Any text about the other side (an error's message) with the same things masked. */
export const masked = (text: string, secrets: readonly string[]): string =>
  maskSecrets(
    secrets
      .filter((secret) => secret.length >= shortestSecret)
      .toSorted((a, b) => b.length - a.length)
      .reduce((shown, secret) => shown.replaceAll(secret, '***'), printable(text)),
  );

const decoder = new TextDecoder();

const printable = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ').trim();

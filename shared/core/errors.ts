/**
 * Exceptions say who must act. Everything that is expected (an endpoint answering 500, a lost race) is a value instead.
 *
 * - `RetryLater`: the next run. Nothing was consumed, no checkpoint or cursor has moved. `TooMuchAtOnce` is one whose message is for the
 *   caller of the HTTP API: it says how to ask for less.
 * - `OperatorMustFix`: a person, who must change a setting, a permission or a file. Retrying does not help.
 * - `BadRequest`: the caller of the HTTP API; `field` names the mistake.
 *
 * Anything else is a bug. Messages say what happened, with which value, what to do. Secrets in a message are masked here,
 * in the constructor, so that no caller can forget it.
 */
export abstract class SluiceError extends Error {
  abstract readonly actor: 'next-run' | 'operator' | 'caller';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(maskSecrets(message), options);
    this.name = new.target.name;
  }
}

export class RetryLater extends SluiceError {
  readonly actor = 'next-run';
}

export class TooMuchAtOnce extends RetryLater {}

export class OperatorMustFix extends SluiceError {
  readonly actor = 'operator';
}

export class BadRequest extends SluiceError {
  readonly actor = 'caller';
  /** The parameter or body field that is wrong, for example `from`. */
  readonly field: string;

  constructor(field: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.field = field;
  }
}

/** Text of any thrown value with every secret masked; fit for a log line. */
export const messageOf = (error: unknown): string =>
  maskSecrets(error instanceof Error ? error.message : typeof error === 'string' ? error : String(error));

/**
 * Masks what must never be printed: user information and query of a URL (a customer's URL keeps scheme, host and port only when
 * it is a webhook, see `withoutPath`), `Authorization` values, webhook secrets and long bearer tokens.
 */
export const maskSecrets = (text: string): string =>
  text
    .replace(/:\/\/[^\s/@"']*@/g, '://***@')
    .replace(/https?:\/\/[^\s"']*/gi, withoutQuery)
    .replace(/\b(ApiKey|Bearer|Basic|Splunk)\s+[A-Za-z0-9+/=._~-]{6,}/gi, '$1 ***')
    .replace(/\bwh(sec|sk)_[A-Za-z0-9+/=]+/g, 'wh$1_***')
    .replace(/\bsluice_[A-Za-z0-9]+_[A-Za-z0-9_-]+/g, 'sluice_***')
    .replace(/("(?:apiKey|password|secret|token|authorization)"\s*:\s*)"[^"]*"/gi, '$1"***"');

const withoutQuery = (url: string): string => url.replace(/^([^?#]*)\?.*/, '$1?***');

/** Scheme, host and port of a customer's URL: its path often is the credential. Not a URL: `(unreadable URL)`. */
export const withoutPath = (url: string): string => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed ? `${parsed.protocol}//${parsed.host}` : '(unreadable URL)';
};

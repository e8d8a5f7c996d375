import { BadBody } from './bad-body.ts';
import { BadParameters } from './bad-parameters.ts';
import { BadRequest, OperatorMustFix, RetryLater, TooMuchAtOnce } from './errors.ts';
import { pointerTo } from './json-pointer.ts';

const kinds = {
  'invalid-parameters': { status: 400, title: 'The question cannot be answered as it is written' },
  'invalid-headers': { status: 400, title: 'A header cannot be used as it is written' },
  'invalid-body': { status: 400, title: 'The body cannot be used as it is written' },
  unauthenticated: { status: 401, title: 'No valid API key' },
  forbidden: { status: 403, title: 'The API key does not allow this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  conflict: { status: 409, title: 'Not possible as things stand' },
  'changed-meanwhile': { status: 412, title: 'It was changed since it was read' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'query-too-long': { status: 414, title: 'The question is too long' },
  'unsupported-media-type': { status: 415, title: 'The body is of another type than can be read' },
  'key-used-before': { status: 422, title: 'The idempotency key belongs to another request' },
  'version-needed': { status: 428, title: 'A change must name the version that it changes' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The mistake is on our side' },
  'try-later': { status: 503, title: 'Not available right now' },
} as const;

export type ProblemKind = keyof typeof kinds;

/**
 * What went wrong, for programs and people. `type` and the places in `errors` are stable; the sentences may change.
 * @see RFC 9457, Problem Details for HTTP APIs
 */
export interface Problem {
  readonly type: `urn:sluice:problem:${ProblemKind}`;
  readonly title: string;
  readonly status: (typeof kinds)[ProblemKind]['status'];
  readonly detail: string;
  /** Every mistake at once, each with its place and the remedy. */
  readonly errors?: readonly PlacedMistake[];
}

export type PlacedMistake =
  /** A parameter of the URL. */
  | { readonly parameter: string; readonly detail: string }
  /** A place in the body, RFC 6901: `/destination/url`; empty: the body as a whole. */
  | { readonly pointer: string; readonly detail: string }
  | { readonly header: string; readonly detail: string };

export const problem = (kind: ProblemKind, detail: string, errors?: readonly PlacedMistake[]): Problem => ({
  type: `urn:sluice:problem:${kind}`,
  ...kinds[kind],
  detail,
  ...(errors ? { errors } : {}),
});

/**
 * For a mistake of the caller the problem holds our message. For an error of ours it holds a plain sentence, and the message goes to the
 * log.
 */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof BadBody) {
    const errors = error.mistakes.map(({ path, detail }) => ({ pointer: pointerTo(path), detail }));
    const places = namesIn(errors.map(({ pointer }) => pointer || 'the body'));
    return problem('invalid-body', `Correct ${places} and send it again.`, errors);
  }
  if (error instanceof BadRequest) {
    const mistakes = error instanceof BadParameters ? error.mistakes : [{ field: error.field, detail: error.message }];
    const errors = mistakes.map(({ field, detail }) => ({ parameter: field, detail }));
    return problem(
      'invalid-parameters',
      `Correct ${namesIn(mistakes.map(({ field }) => field))} and ask again.`,
      errors,
    );
  }
  if (error instanceof TooMuchAtOnce) return problem('try-later', error.message);
  if (error instanceof RetryLater)
    return problem('try-later', 'What this depends on did not answer in time. Nothing is lost: ask again.');
  if (error instanceof OperatorMustFix)
    return problem('internal', 'A setting of this service must be corrected by its operator. Its log says which.');
  return problem('internal', 'Something went wrong that should not have. The log of this service says what.');
};

const namesIn = (names: readonly string[]): string => [...new Set(names)].join(', ');

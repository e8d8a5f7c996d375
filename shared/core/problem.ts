import { BadParameters, type Mistake } from './bad-parameters.ts';
import { BadRequest, OperatorMustFix, RetryLater } from './errors.ts';

const kinds = {
  'invalid-parameters': { status: 400, title: 'The question cannot be answered as it is written' },
  unauthenticated: { status: 401, title: 'No valid API key' },
  forbidden: { status: 403, title: 'The API key does not allow this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'query-too-long': { status: 414, title: 'The question is too long' },
  internal: { status: 500, title: 'The mistake is on our side' },
  'try-later': { status: 503, title: 'Not available right now' },
} as const;

export type ProblemKind = keyof typeof kinds;

/**
 * What went wrong, for programs and people. `type` and the names in `errors` are stable; the sentences may change.
 * @see RFC 9457, Problem Details for HTTP APIs
 */
export interface Problem {
  readonly type: `urn:sluice:problem:${ProblemKind}`;
  readonly title: string;
  readonly status: (typeof kinds)[ProblemKind]['status'];
  readonly detail: string;
  /** Every mistake at once, each with the parameter it is in. */
  readonly errors?: readonly Mistake[];
}

export const problem = (kind: ProblemKind, detail: string, errors?: readonly Mistake[]): Problem => ({
  type: `urn:sluice:problem:${kind}`,
  ...kinds[kind],
  detail,
  ...(errors ? { errors } : {}),
});

/** The caller reads our message about a mistake of theirs, and a plain sentence about ours: those go to the log. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof BadRequest) {
    const mistakes = error instanceof BadParameters ? error.mistakes : [{ field: error.field, detail: error.message }];
    const names = [...new Set(mistakes.map(({ field }) => field))].join(', ');
    return problem('invalid-parameters', `Correct ${names} and ask again.`, mistakes);
  }
  if (error instanceof RetryLater)
    return problem('try-later', 'The source of the events did not answer in time. Nothing is lost: ask again.');
  if (error instanceof OperatorMustFix)
    return problem('internal', 'A setting of this service must be corrected by its operator. Its log says which.');
  return problem('internal', 'Something went wrong that should not have. The log of this service says what.');
};

import { type Problem, problem } from '../core/problem.ts';

/** The version of a record as an entity tag. @see RFC 9110 section 8.8.3 */
export const entityTag = (version: number): string => `"${version}"`;

/** What `If-Match` says: a version, any (`*`), nothing, or something that no version can match. */
export type Condition = { readonly expected?: number } | { readonly refused: Problem };

/**
 * @param header `If-Match` as it was sent
 * @param need whether a change without it is refused: two people who read the same version would undo each other's change
 * @see RFC 9110 section 13.1.1, RFC 6585 section 3 (428)
 */
export const readIfMatch = (header: string | undefined, need: 'needed' | 'optional'): Condition => {
  const text = header?.trim() ?? '';
  if (text === '')
    return need === 'optional'
      ? {}
      : {
          refused: problem(
            'version-needed',
            'Read it first, and send the ETag of that answer as If-Match, so that nobody else’s change is undone. If-Match: * changes it whatever it is now.',
          ),
        };
  if (text === '*') return {};
  const [, version] = /^"(\d{1,15})"$/.exec(text) ?? [];
  return version === undefined ? { refused: changedMeanwhile } : { expected: Number(version) };
};

export const changedMeanwhile = problem(
  'changed-meanwhile',
  'If-Match names another version than there is now. Read it again, decide anew, and send the ETag of that answer.',
);

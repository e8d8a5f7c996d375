/** Requests that Elasticsearch will not answer until a person changes something. */
import { OperatorMustFix } from '../../core/errors.ts';

export const nothingMatches = (origin: string, index: string): OperatorMustFix =>
  new OperatorMustFix(
    `No open index at ${origin} matches SLUICE_SOURCE_INDEX "${index}". ` +
      'Check the pattern, and that the credentials may read what it should match (renamed indices need the privilege anew).',
  );

/** @param refusal status other than 401, the error's types and its innermost reason */
export const refused = (
  origin: string,
  index: string,
  refusal: { readonly status: number; readonly types: readonly string[]; readonly reason: string },
): OperatorMustFix => {
  if (refusal.status === 403)
    return new OperatorMustFix(
      `Elasticsearch at ${origin} forbids reading "${index}" (${refusal.reason}). ` +
        'Give the credentials of the secret "elasticsearch" the index privilege `read` on it.',
    );
  if (refusal.types.includes('media_type_header_exception'))
    return new OperatorMustFix(
      `Elasticsearch at ${origin} does not accept plain JSON (${refusal.reason}); supported are 7.17, 8 and 9.`,
    );
  return new OperatorMustFix(
    `Elasticsearch at ${origin} refuses to search "${index}" (${refusal.reason}). Check SLUICE_SOURCE_URL and SLUICE_SOURCE_INDEX.`,
  );
};

/** Turns the reason for a missing view or an incomplete answer into an error that names who must act. */
import { OperatorMustFix, RetryLater, type SluiceError } from '../../core/errors.ts';
import type { Unfit } from './answers.ts';

/** The error to throw where only a whole answer can be used. */
export const errorOf = (origin: string, index: string, verdict: Unfit): SluiceError => {
  switch (verdict.kind) {
    case 'nothing there':
      return nothingMatches(origin, index);
    case 'refused':
      return refused(origin, index, verdict);
    case 'lost':
    case 'too large':
    case 'later':
      return new RetryLater(
        `Elasticsearch at ${origin} gave no whole answer for "${index}" (${verdict.reason}). Nothing was consumed.`,
      );
    default:
      return verdict satisfies never;
  }
};

export const nothingMatches = (origin: string, index: string): OperatorMustFix =>
  new OperatorMustFix(
    `No open index at ${origin} matches SLUICE_SOURCE_INDEX "${index}". ` +
      'Check the pattern, and that the credentials may read what it should match (renamed indices need the privilege anew).',
  );

const refused = (origin: string, index: string, refusal: Unfit & { kind: 'refused' }): OperatorMustFix => {
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

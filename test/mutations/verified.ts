import type { KeySet } from '../../shared/core/signing-key.ts';
import type { CheckedHead } from '../../shared/core/verify/head-check.ts';
import { type Scratch, scratchParts } from '../../shared/flows/verify/dealt-entries.ts';
import { type JournalVerdict, verifyJournal } from '../../shared/flows/verify-journal.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { nowMs, ourKeys, source } from './a-journal.ts';
import { type Files, storeOf } from './files.ts';

export const memoryScratch = (): Scratch => {
  const parts: Uint8Array[][] = Array.from({ length: scratchParts }, () => []);
  return {
    append: async (part, bytes) => void parts[part]?.push(bytes),
    read: async (part) => Buffer.concat(parts[part] ?? []),
  };
};

/** What `sluice verify` says about a journal in these files, with our key unless others are given. */
export const verified = (
  files: Files,
  given: { readonly keys?: KeySet | 'none'; readonly witnesses?: readonly CheckedHead[]; readonly nowMs?: number } = {},
): Promise<JournalVerdict> => {
  const { keys = ourKeys } = given;
  return verifyJournal({
    store: storeOf(files),
    source,
    clock: recordingClock({ startMs: given.nowMs ?? nowMs }),
    scratch: memoryScratch(),
    ...(keys !== 'none' && { keys }),
    ...(given.witnesses && { witnesses: given.witnesses }),
    retentionMs: 30 * 86_400_000,
  });
};

/** A checkpoint as it is stored: what it claims is held against what was visible. */
import type { Checkpoint } from '../../../shared/core/checkpoint.ts';
import { msOf } from '../../../shared/core/instant.ts';
import type { Known, Witness } from '../witness.ts';

export const overlapMs = 300_000;
/**
 * Became visible so soon after its time that a scan must have found it before the watermark passed.
 * @param aheadMs how far the clock of any machine was ahead
 */
export const isInTime = ({ time, visibleAtMs }: Known, aheadMs: number): boolean =>
  time !== undefined && visibleAtMs <= msOf(time) + overlapMs - aheadMs;

export const checkCheckpoint = (witness: Witness, { watermark, head }: Checkpoint): void => {
  const last = witness.segments.length;
  if (head > last) witness.fail('a checkpoint names a segment that exists', `${head} of ${last}`);
  if (witness.watermark !== undefined && watermark < witness.watermark)
    witness.fail('the watermark never goes back', `from ${witness.watermark} to ${watermark}`);
  witness.watermark = watermark;
  for (const known of witness.documents.values()) {
    const { event, time, gone } = known;
    if (
      gone ||
      time === undefined ||
      time >= watermark ||
      !isInTime(known, witness.aheadMs) ||
      witness.journaled.has(event)
    )
      continue;
    witness.fail(
      'whatever was visible in time and is older than the watermark is in the journal',
      `${event} of ${time} is not, the watermark is ${watermark}`,
    );
    return;
  }
};

/** The journal at the end: whatever was visible within its time is in it. That it is there once was seen as it came. */
import { msOf } from '../../../shared/core/instant.ts';
import type { SimulatedWorld } from '../world.ts';
import { isInTime } from './checkpoint-check.ts';

export const horizonMs = 24 * 60 * 60_000;

export const checkJournal = ({ witness, traits }: SimulatedWorld): void => {
  for (const known of witness.documents.values()) {
    const { event, time, gone, visibleAtMs } = known;
    if (gone || witness.journaled.has(event)) continue;
    const isWithinHorizon = time !== undefined && msOf(time) > witness.quietFromMs - horizonMs + 60_000;
    const isPromised =
      time === undefined ||
      isInTime(known, witness.aheadMs) ||
      traits.lateness === 'retention' ||
      (traits.lateness === 'horizon' && isWithinHorizon);
    if (isPromised)
      witness.fail(
        'every event that was visible in time is in the journal',
        `${event} of ${time ?? 'no time'}, visible ${new Date(visibleAtMs).toISOString()}, is not`,
      );
  }
  for (const { journaled, kept, read, result } of witness.pulls)
    if (journaled > kept || kept > read || (result === 'done' && journaled !== kept))
      witness.fail('the counts of a pull add up', `${read} read, ${kept} kept, ${journaled} journaled, ${result}`);
};

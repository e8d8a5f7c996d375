/** The journal at the end: whatever was visible within its time is in it. That it is there once was seen as it came. */
import { msOf } from '../../../shared/core/instant.ts';
import type { Traits } from '../history.ts';
import type { SeenSegment, Witness } from '../witness.ts';
import type { SimulatedWorld } from '../world.ts';
import { isInTime } from './checkpoint-check.ts';

export const horizonMs = 24 * 60 * 60_000;

export const checkJournal = ({ witness, traits }: SimulatedWorld): void => {
  const thinned = minutesThinned(witness);
  for (const known of witness.documents.values()) {
    const { event, time, gone, visibleAtMs } = known;
    if (gone || witness.journaled.has(event)) continue;
    const isWithinHorizon = time !== undefined && msOf(time) > witness.quietFromMs - horizonMs + 60_000;
    const isFoundLater =
      (traits.lateness === 'retention' || (traits.lateness === 'horizon' && isWithinHorizon)) &&
      !thinned.has(time?.slice(0, 16) ?? '');
    const isPromised = time === undefined || isInTime(known, witness.aheadMs) || isFoundLater;
    if (isPromised)
      witness.fail(
        'every event that was visible in time is in the journal',
        `${event} of ${time ?? 'no time'}, visible ${new Date(visibleAtMs).toISOString()}, is not`,
      );
  }
  checkPublished(witness, traits);
  for (const { journaled, kept, read, result } of witness.pulls)
    if (journaled > kept || kept > read || (result === 'done' && journaled !== kept))
      witness.fail('the counts of a pull add up', `${read} read, ${kept} kept, ${journaled} journaled, ${result}`);
};

/**
 * Minutes from which the source lost events: what is late there and what is gone may weigh each other up, and counts do not show it. A limit
 * of reconcile and backfill, which count first.
 */
const minutesThinned = ({ documents }: Witness): ReadonlySet<string> =>
  new Set([...documents.values()].flatMap(({ gone, time }) => (gone && time !== undefined ? [time.slice(0, 16)] : [])));

/** The sums that reconcile publishes are told from the segments themselves. Nothing is found afterwards by others once it has ended. */
const checkPublished = ({ reconciliations, segments, watermark, fail }: Witness, { lateness }: Traits): void => {
  const last = reconciliations.at(-1);
  if (lateness !== 'horizon' || !last || last.result !== 'done') return;
  const sumOf = (kind: SeenSegment['manifest']['kind']): number =>
    segments.reduce((sum, { manifest, events }) => sum + (manifest.kind === kind ? events.length : 0), 0);
  const { lateRecovered, exceptions, completeThrough } = last;
  if (lateRecovered !== sumOf('late') || exceptions !== sumOf('exception'))
    fail('what reconcile publishes is what the journal holds', `${lateRecovered} late, ${exceptions} exceptions`);
  if (watermark !== undefined && completeThrough > watermark)
    fail('nothing is called complete beyond the watermark', `${completeThrough}, the watermark is ${watermark}`);
};

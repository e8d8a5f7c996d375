/**
 * What reconcile of 24 h costs at 1 000 events a second: `node test/bench/reconcile.bench.ts`. A day of manifests is made in memory, then
 * compared by processes that remember nothing: first with no sums stored, then with those of the first. Counts of requests and bytes do not
 * depend on the machine; the times do.
 */
import { aBusyDay, compareDay } from '../support/busy-day.ts';

const day = await aBusyDay({ rate: 1_000, segmentEvents: 4_320 });
console.log(`a day of ${(day.bytes / 1e6).toFixed(1)} MB of manifests`);
for (const [name, rung] of [
  ['24 h, nothing summed yet', 'day'],
  ['the last hour, 5 min later', 'hour'],
  ['24 h, an hour later', 'day'],
] as const) {
  const started = performance.now();
  const { aggregations, manifests, bytes, otherBlobs } = await compareDay(day, rung);
  console.log(
    `${name}: ${aggregations} aggregation, ${manifests} manifests, ${(bytes / 1e6).toFixed(2)} MB, ${otherBlobs} other objects, ${Math.round(performance.now() - started)} ms`,
  );
}

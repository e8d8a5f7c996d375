import type { Manifest } from '../../core/segment.ts';
import { resultOf, settled } from '../settled.ts';
import type { Journal } from './open-journal.ts';

/** How many manifests are asked for at the same time: a bucket answers each in tens of milliseconds. */
const atOnce = 16;

/**
 * The manifests from number `from` to number `to`, in order, each read once and some at a time; whatever their number, only those few are in memory.
 * @throws OperatorMustFix when one is missing, altered, or does not follow the one before it
 */
export async function* eachManifest(
  journal: Journal,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<Manifest, void, void> {
  const reading = [];
  let next = from;
  for (let seq = from; seq <= to; seq += 1) {
    for (; next <= to && next < seq + atOnce; next += 1) reading.push(settled(journal.appended(next)));
    const under = reading.shift();
    if (!under) return;
    const manifest = resultOf(await under);
    if (seq > from) await journal.previous(manifest);
    yield manifest;
  }
}

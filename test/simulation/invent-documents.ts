/** What is written to the search engine: times that tie, names that repeat, events of nobody, late ones and early ones. */
import type { Actor, IndexName, Owner, Traits, Written } from './history.ts';
import type { Random } from './random.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A few events that belong together: often of one time, sometimes of one nanosecond or of names that exist elsewhere. */
export const inventWrite = (
  random: Random,
  traits: Traits,
  { name, delayMs }: { readonly name: string; readonly delayMs?: number },
): Extract<Actor, { kind: 'write' }> => {
  const index = random.oneOf<IndexName>(['millis', 'millis', 'nanos', 'stream', 'stream']);
  const isTied = random.chance(0.5);
  const shared = inventTime(random);
  const late = delayMs ?? inventDelay(random, traits);
  const documents = Array.from({ length: random.between(1, 7) }, (_, n): Written => {
    const time = isTied ? shared : inventTime(random);
    const isPoison = random.chance(0.03);
    return {
      id: `${isPoison ? 'poison-' : ''}${name}-${n}`,
      index: random.chance(isTied ? 0.4 : 0.1) ? random.oneOf<IndexName>(['millis', 'nanos', 'stream']) : index,
      owner: random.oneOf<Owner>([
        'aurora',
        'aurora',
        'aurora',
        'aurora new',
        'baltic',
        'baltic',
        'cobalt',
        'nobody',
        'torn',
      ]),
      time: time === 'none' ? time : { ...time, nanos: random.oneOf([0, time.nanos, time.nanos + n]) },
      delayMs: delayMs === undefined && isTied && random.chance(0.3) ? inventDelay(random, traits) : late,
      outcome: random.oneOf(['success', 'failure']),
    };
  });
  return { kind: 'write', documents: [...documents, ...namesakes(random, documents)] };
};

/** The same `_id` in another index is another event. */
const namesakes = (random: Random, documents: readonly Written[]): readonly Written[] =>
  documents.flatMap((document) => {
    if (!random.chance(0.12)) return [];
    return [{ ...document, index: document.index === 'stream' ? ('millis' as const) : ('stream' as const) }];
  });

const inventTime = (random: Random): Written['time'] => {
  const nanos = random.oneOf([0, 1, 123_456, 999_990]);
  const floorMs = random.oneOf([0, 0, 1_000, 10_000]);
  if (random.chance(0.06)) return 'none';
  if (random.chance(0.06))
    return { ageMs: -random.oneOf([6 * minuteMs, 12 * minuteMs, 20 * hourMs, 400 * 24 * hourMs]), floorMs, nanos };
  return { ageMs: random.between(-4_000, 60_000), floorMs, nanos };
};

/** Within the overlap, or hours later where somebody looks for it. */
const inventDelay = (random: Random, { lateness }: Traits): number => {
  const soon = random.oneOf([0, 0, random.below(20_000), random.below(2 * minuteMs), 230_000]);
  if (lateness === 'overlap' || random.chance(0.7)) return soon;
  const late = random.oneOf([10_000, 10 * minuteMs, 6 * hourMs]);
  return lateness === 'retention' && random.chance(0.3) ? 60 * hourMs : late;
};

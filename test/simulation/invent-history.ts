/** Makes a history out of a seed: any of them could happen, and most of them go wrong somewhere. */
import type {
  Actor,
  EngineChange,
  EngineMishap,
  Fault,
  History,
  IndexName,
  Mishap,
  Operation,
  Owner,
  ReceiverMishap,
  Round,
  RunActor,
  SettingsChange,
  Traits,
  Written,
} from './history.ts';
import { type Random, randomFrom } from './random.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const mostSkewMs = 20_000;

export const inventHistory = (seed: number): History => {
  const random = randomFrom(seed);
  const traits = inventTraits(random);
  const rounds = Array.from({ length: random.between(4, 14) }, (_, at) => inventRound(random, traits, at));
  return { seed, traits, rounds };
};

const inventTraits = (random: Random): Traits => ({
  lateness: random.oneOf(['overlap', 'overlap', 'horizon', 'retention']),
  refreshMs: random.oneOf([0, 1_000, 30_000]),
  mostHits: random.oneOf([1_000, 1_000, 7, 3, 1]),
  refusedAbove: random.oneOf([0, 0, 0, 8, 300]),
  unknownView: random.oneOf(['missing', 'no shards']),
  segmentEvents: random.oneOf([1, 2, 3, 5, 1_000]),
});

const inventRound = (random: Random, traits: Traits, at: number): Round => {
  const count = at === 0 ? 1 : random.oneOf([1, 1, 2, 2, 3, 4]);
  const actors = Array.from({ length: count }, (_, nth) =>
    at === 0 ? inventWrite(random, traits, 'r0') : inventActor(random, traits, `r${at}${'abcd'.charAt(nth)}`),
  );
  const order = count === 1 ? [] : Array.from({ length: random.between(5, 60) }, () => random.below(4));
  return { actors, order };
};

const inventActor = (random: Random, traits: Traits, name: string): Actor => {
  const kind = random.oneOf([
    'write',
    'write',
    'write',
    'pull',
    'pull',
    'pull',
    'pull',
    'deliver',
    'deliver',
    'deliver',
    'wake',
    'wait',
    'wait',
    'engine',
    'settings',
    'afterwards',
  ] as const);
  switch (kind) {
    case 'write':
      return inventWrite(random, traits, name);
    case 'wait':
      return { kind, ms: random.oneOf([3_000, 40_000, 61_000, 4 * minuteMs, 11 * minuteMs, 3 * hourMs, 30 * hourMs]) };
    case 'engine':
      return { kind, what: random.oneOf(engineChanges), shard: random.below(2) };
    case 'settings':
      return { kind, what: random.oneOf(settingsChanges) };
    case 'deliver':
      return { kind, who: random.below(5), ...inventRun(random, kind) };
    case 'afterwards':
      return inventAfterwards(random, traits);
    default:
      return { kind, ...inventRun(random, kind) };
  }
};

/** What is done once in a while, about what pull cannot see. */
const inventAfterwards = (random: Random, { lateness }: Traits): Actor => {
  const kind =
    lateness === 'overlap' ? 'reattribute' : random.oneOf(['reattribute', 'reconcile', 'reconcile', 'backfill']);
  const run = inventRun(random, kind);
  return kind === 'backfill'
    ? { kind, fromAgoMs: random.oneOf([hourMs, 30 * hourMs, 90 * hourMs]), ...run }
    : { kind, ...run };
};

const engineChanges: readonly [EngineChange, ...EngineChange[]] = [
  'roll over',
  'shrink',
  'delete oldest',
  'restart',
  'shard fails',
  'shard times out',
  'cluster away',
  'shards return',
  'shards return',
];
const settingsChanges: readonly [SettingsChange, ...SettingsChange[]] = [
  'add subscription',
  'change filter',
  'change filter',
  'change limits',
  'change format',
  'extend directory',
];

const inventRun = (random: Random, kind: RunActor['kind']): Omit<RunActor, 'kind'> => ({
  skewMs: random.oneOf([0, 0, random.between(-mostSkewMs, mostSkewMs)]),
  patience: random.chance(0.12) ? random.between(4, 40) : 0,
  faults: Array.from({ length: random.oneOf([0, 0, 0, 1, 1, 2]) }, () => inventFault(random, kind)),
});

const sourceOperations: readonly [Operation, ...Operation[]] = [
  'source.look',
  'source.open',
  'source.count',
  'source.page',
  'source.page',
  'source.page',
  'source.minutes',
  'source.close',
];
const storeOperations: readonly [Operation, ...Operation[]] = [
  'blob.put',
  'blob.put',
  'blob.get',
  'record.get',
  'record.set',
  'record.set',
  'blob.list',
  'record.range',
];
const engineMishaps: readonly [EngineMishap, ...EngineMishap[]] = [
  'shard failed',
  'timed out',
  'cluster skipped',
  'hit left out',
  'empty page',
  'view lost',
  'view lost',
  'status 413',
  'status 429',
  'status 503',
];
const receiverMishaps: readonly [ReceiverMishap, ...ReceiverMishap[]] = [
  'answers 401',
  'answers 410',
  'answers 413',
  'answers 429',
  'answers 503',
];
const deaths: readonly [Mishap, ...Mishap[]] = ['killed before', 'killed after', 'killed after', 'killed under way'];
const losses: readonly [Mishap, ...Mishap[]] = ['lost before', 'lost after', 'lost after', 'slow'];

const inventFault = (random: Random, kind: RunActor['kind']): Fault => {
  const nth = random.oneOf([0, 0, 1, 1, 2, 3, 5]);
  if (random.chance(0.3)) return { at: 'any', nth: random.between(0, 45), what: random.oneOf(deaths) };
  const sends = kind === 'deliver' || kind === 'wake';
  const asks = kind === 'pull' || kind === 'reconcile' || kind === 'backfill';
  if (sends && random.chance(0.6))
    return { at: 'send', nth, what: random.oneOf([...deaths, ...losses, ...receiverMishaps] as [Mishap, ...Mishap[]]) };
  if (asks && random.chance(0.6))
    return {
      at: random.oneOf(sourceOperations),
      nth,
      what: random.chance(0.6)
        ? random.oneOf(engineMishaps)
        : random.oneOf([...deaths, ...losses] as [Mishap, ...Mishap[]]),
    };
  const all = [...deaths, ...losses, 'told twice', 'told twice'] as [Mishap, ...Mishap[]];
  return { at: random.oneOf(storeOperations), nth, what: random.oneOf(all) };
};

/** A few events that belong together: often of one time, sometimes of one nanosecond or of names that exist elsewhere. */
const inventWrite = (random: Random, traits: Traits, name: string): Extract<Actor, { kind: 'write' }> => {
  const index = random.oneOf<IndexName>(['millis', 'millis', 'nanos', 'stream', 'stream']);
  const isTied = random.chance(0.5);
  const shared = inventTime(random);
  const late = inventDelay(random, traits);
  const documents = Array.from({ length: random.between(1, 7) }, (_, n): Written => {
    const time = isTied ? shared : inventTime(random);
    const isPoison = random.chance(0.03);
    return {
      id: `${isPoison ? 'poison-' : ''}${name}-${n}`,
      index: random.chance(0.1) ? random.oneOf<IndexName>(['millis', 'nanos', 'stream']) : index,
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
      delayMs: isTied && random.chance(0.3) ? inventDelay(random, traits) : late,
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
  if (random.chance(0.04)) return 'none';
  if (random.chance(0.05))
    return { ageMs: -random.oneOf([6 * minuteMs, 12 * minuteMs, 20 * hourMs, 400 * 24 * hourMs]), floorMs, nanos };
  return { ageMs: random.between(-4_000, 60_000), floorMs, nanos };
};

/** Within the overlap, or hours later where somebody looks for it. */
const inventDelay = (random: Random, { lateness }: Traits): number => {
  const soon = random.oneOf([0, 0, random.below(20_000), random.below(2 * minuteMs)]);
  if (lateness === 'overlap' || random.chance(0.7)) return soon;
  const late = random.oneOf([10_000, 10 * minuteMs, 6 * hourMs]);
  return lateness === 'retention' && random.chance(0.3) ? 60 * hourMs : late;
};

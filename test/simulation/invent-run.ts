/** A run of a flow, on which machine, and what goes wrong with it. */
import type { EngineMishap, Fault, Mishap, Operation, ReceiverMishap, RunActor } from './history.ts';
import type { Random } from './random.ts';

const mostSkewMs = 20_000;

export const inventRun = (random: Random, kind: RunActor['kind']): Omit<RunActor, 'kind'> => ({
  skewMs: random.oneOf([0, 0, random.between(-mostSkewMs, mostSkewMs)]),
  patience: random.chance(0.12) ? random.between(4, 40) : 0,
  faults: Array.from({ length: random.oneOf([0, 0, 1, 1, 2, 3]) }, () => inventFault(random, kind)),
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
  'hit left out',
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
  const nth = random.oneOf([0, 0, 0, 1, 1, 1, 2, 2, 3, 5]);
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

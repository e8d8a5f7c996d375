/**
 * `npm run simulate:teeth`: plants known mistakes, one at a time, and fails unless the simulation catches every one of them, and unless the same
 * seeds pass without it. `-- --only WORD` takes those whose name holds the word.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inventHistory } from '../invent-history.ts';
import { play } from '../play.ts';
import { runWorker } from '../run-worker.ts';
import { checkPlaces, type Mistake } from './mistake.ts';
import { mistakes } from './mistakes.ts';

/** A mistake that so many histories do not show is not caught. */
const mostSeeds = 2_000;
const plant = fileURLToPath(new URL('plant.ts', import.meta.url));

interface Caught {
  readonly seed: number;
  readonly promise: string;
}

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const chosen = mistakes.filter(({ name }) => name.includes(values.only));
checkPlaces(chosen);

const seedThatCatches = async ({ name }: Mistake): Promise<Caught | undefined> => {
  let caught: Caught | undefined;
  const options = { from: 1, seeds: mostSeeds, stop: 'at first failure' } as const;
  const env = { SIMULATION_MISTAKE: name };
  await runWorker({ ...options, env, nodeOptions: ['--import', plant] }, (line) => {
    if (line.kind === 'failed') caught = { seed: line.seed, promise: line.promise };
  });
  return caught;
};

const judge = async (mistake: Mistake): Promise<boolean> => {
  const caught = await seedThatCatches(mistake);
  if (!caught) {
    console.log(`NOT CAUGHT  ${mistake.name}: ${mostSeeds} seeds keep every promise`);
    return false;
  }
  const [without] = (await play(inventHistory(caught.seed))).failures;
  if (without) {
    console.log(`NOT JUDGED  ${mistake.name}: seed ${caught.seed} fails without it too (${without.promise})`);
    return false;
  }
  console.log(`seed ${String(caught.seed).padStart(4)}   ${mistake.name}: ${caught.promise}`);
  return true;
};

const waiting = [...chosen];
let caught = 0;
const workOff = async (): Promise<void> => {
  for (let next = waiting.shift(); next; next = waiting.shift()) if (await judge(next)) caught += 1;
};
await Promise.all(Array.from({ length: availableParallelism() }, workOff));
console.log(`${chosen.length} mistakes, ${caught} caught`);
process.exitCode = caught === chosen.length && chosen.length > 0 ? 0 : 1;

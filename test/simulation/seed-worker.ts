/**
 * Plays seeds in a process of its own: `node test/simulation/seed-worker.ts --from 1 --seeds 100 --every 2`. Prints one JSON line for each
 * seed that fails, and one now and then that says how many were played.
 */
import { parseArgs } from 'node:util';
import { inventHistory } from './invent-history.ts';
import { play } from './play.ts';

export type WorkerLine =
  | { readonly kind: 'played'; readonly seeds: number }
  | { readonly kind: 'failed'; readonly seed: number; readonly promise: string; readonly detail: string };

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    /** Of so many workers each plays every n-th seed. */
    every: { type: 'string', default: '1' },
    'stop-at-first': { type: 'boolean', default: false },
  },
});

const say = (line: WorkerLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const reportEvery = 20;
const [from, seeds, every] = [Number(values.from), Number(values.seeds), Number(values.every)];
let unreported = 0;
for (let seed = from; seed < from + seeds; seed += every) {
  const [failure] = (await play(inventHistory(seed))).failures;
  unreported += 1;
  if (failure) say({ kind: 'failed', seed, ...failure });
  if (failure && values['stop-at-first']) break;
  if (unreported === reportEvery) {
    say({ kind: 'played', seeds: unreported });
    unreported = 0;
  }
}
if (unreported > 0) say({ kind: 'played', seeds: unreported });

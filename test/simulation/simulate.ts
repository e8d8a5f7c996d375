/**
 * `npm run simulate -- --seeds 400 --from 7`: plays that many histories, on all cores. Ends with one line, `400 seeds, 0 failed`; a seed that
 * fails is minimised, kept as a regression, and printed with what happened. `--replay FILE` plays one that was kept.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { inventHistory } from './invent-history.ts';
import { minimise } from './minimise.ts';
import { play } from './play.ts';
import { keepRegression, readRegression } from './regression.ts';
import { runWorker } from './run-worker.ts';

const say = (text: string): void => {
  process.stderr.write(text);
};

const tail = 120;
/** Minimising takes as long as hundreds of seeds; the rest is of the same kind more often than not. */
const mostMinimised = 3;

const replay = async (path: string): Promise<boolean> => {
  const { failures, trace } = await play(readRegression(path).history);
  console.log(trace.join('\n'));
  console.log(failures.length === 0 ? 'nothing is broken' : `broken: ${failures[0]?.promise}`);
  return failures.length === 0;
};

const explain = async (seed: number): Promise<void> => {
  const history = inventHistory(seed);
  const promise = (await play(history)).failures[0]?.promise;
  if (promise === undefined) {
    console.log(`seed ${seed} failed in its worker and does not fail alone: the simulation is not deterministic`);
    return;
  }
  const small = await minimise(history, async (candidate) => (await play(candidate)).failures[0]?.promise === promise);
  const { trace, failures } = await play(small.history);
  console.log(`seed ${seed}: ${failures[0]?.promise}: ${failures[0]?.detail}`);
  console.log(trace.slice(-tail).join('\n'));
  const path = keepRegression({ promise, history: small.history });
  console.log(`minimised in ${small.tries} plays and kept; play it with: npm run simulate -- --replay ${path}\n`);
};

const simulate = async (from: number, seeds: number): Promise<boolean> => {
  const workers = Math.min(availableParallelism(), seeds);
  const failed: number[] = [];
  let played = 0;
  let told = 0;
  const startedAtMs = Date.now();
  await Promise.all(
    Array.from({ length: workers }, (_, nth) =>
      runWorker({ from: from + nth, seeds: seeds - nth, every: workers }, (line) => {
        if (line.kind === 'failed') {
          failed.push(line.seed);
          say(`\nseed ${line.seed}: ${line.promise}: ${line.detail}\n`);
        } else {
          played += line.seeds;
          const perSecond = (played * 1000) / Math.max(1, Date.now() - startedAtMs);
          const so = `${played} of ${seeds} seeds, ${failed.length} failed, ${perSecond.toFixed(0)} a second`;
          // Into a file a line now and then; on a terminal one line that changes.
          if (process.stderr.isTTY) say(`\r${so} `);
          else if (played >= told + seeds / 10) {
            told = played;
            say(`${so}\n`);
          }
        }
      }),
    ),
  );
  if (process.stderr.isTTY) say('\n');
  for (const seed of failed.sort((a, b) => a - b).slice(0, mostMinimised)) await explain(seed);
  if (failed.length > 0) console.log(`failed seeds: ${failed.join(' ')}`);
  console.log(`${played} seeds, ${failed.length} failed`);
  return failed.length === 0 && played === seeds;
};

const wholeNumber = (name: string, text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    say(`--${name} must be a whole number from 1 to 999999999; got "${text}".\n`);
    process.exit(2);
  }
  return Number(text);
};

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    replay: { type: 'string' },
  },
});
const isFine =
  values.replay === undefined
    ? await simulate(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds))
    : await replay(values.replay);
process.exitCode = isFine ? 0 : 1;

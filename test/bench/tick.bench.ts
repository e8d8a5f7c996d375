/**
 * What a tick of the schedule costs beside its pull: `node test/bench/tick.bench.ts`. Of 10 000 subscriptions, and of 200, a hundred have
 * something to do: their tenant has news, or their retry is due. Each in a SQLite file, in turn, medians of the rounds. What is read does
 * not depend on the machine; ends with 1 when reading from the larger costs more than 1.05 times the smaller.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { aCrowd, type Tick } from '../support/a-crowd.ts';

const rounds = 9;
const sizes = [200, 10_000] as const;
const most = 1.05;

const folder = await mkdtemp(join(tmpdir(), 'tick-'));
const crowds = [];
for (const subscriptions of sizes) {
  const store = sqliteRecordStore({ path: join(folder, `${subscriptions}.sqlite`) });
  const crowd = await aCrowd(store, { subscriptions });
  await crowd.tick();
  crowds.push({ subscriptions, crowd, store });
}
type Crowd = (typeof crowds)[number]['crowd'];

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** `wakes`: how many each tick must wake; the operator's own subscription has news with everybody's. */
const situations: readonly {
  readonly name: string;
  readonly wakes: number;
  readonly before: (crowd: Crowd) => Promise<void>;
}[] = [
  { name: '100 with news', wakes: 101, before: (crowd) => crowd.news(10) },
  { name: '100 with a retry due', wakes: 100, before: (crowd) => crowd.falling(100) },
  { name: 'nobody', wakes: 0, before: async () => {} },
];

let isWithin = true;
const lines = [
  '| a tick, something to do for | subscriptions | woken | read: requests | records | states | time | ratio |',
];
lines.push('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const { name, wakes, before } of situations) {
  const ticks = new Map<number, Tick[]>(sizes.map((size) => [size, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const { subscriptions, crowd } of crowds) {
      await before(crowd);
      ticks.get(subscriptions)?.push(await crowd.tick());
      // A retry that is due stays so until somebody delivers: here it is taken back.
      await crowd.settle();
    }
  const [small, large] = sizes.map((size) => {
    const of = ticks.get(size) ?? [];
    const { counted, woken } = of.at(-1) ?? { counted: undefined, woken: [] };
    return { size, woken: woken.length, counted, ms: median(of.map(({ ms }) => ms)) };
  });
  for (const one of [small, large]) {
    const { get = 0, range = 0, due = 0, records = 0, states = 0 } = one?.counted ?? {};
    const ratio = one === large ? records / Math.max(small?.counted?.records ?? 0, 1) : 1;
    if (ratio > most || states > 0 || one?.woken !== wakes) isWithin = false;
    lines.push(
      `| ${name} | ${one?.size} | ${one?.woken} | ${get + range + due} | ${records} | ${states} | ${one?.ms.toFixed(2)} ms | ${ratio.toFixed(2)} |`,
    );
  }
}
for (const { store } of crowds) store.close();
await rm(folder, { recursive: true });
console.log(lines.join('\n'));
if (!isWithin) {
  console.log(
    `A tick of ${sizes[1]} subscriptions reads a state, or more than ${most} times what one of ${sizes[0]} does, or wakes others than it must.`,
  );
  process.exitCode = 1;
}

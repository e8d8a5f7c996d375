import { describe, expect, it } from 'vitest';
import { inventHistory } from './invent-history.ts';
import { minimise } from './minimise.ts';
import { type Played, play } from './play.ts';
import { regressions } from './regression.ts';

const seeds = 300;
const perTest = 50;
const withinMs = 60_000;

const brokenBy = ({ failures, trace }: Played): string =>
  failures.length === 0 ? '' : [...trace.slice(-60), `${failures[0]?.promise}: ${failures[0]?.detail}`].join('\n');

describe('whatever goes wrong in a history, once the system has run on in peace every promise is kept', () => {
  it.each(Array.from({ length: seeds / perTest }, (_, n) => 1 + n * perTest))(
    `in ${perTest} histories from seed %i on`,
    async (from) => {
      for (let seed = from; seed < from + perTest; seed += 1)
        expect(brokenBy(await play(inventHistory(seed))), `npm run simulate -- --from ${seed} --seeds 1`).toBe('');
    },
    withinMs,
  );

  it.each([...regressions()])('in the history that failed once, kept in %s', async (_, { history }) => {
    expect(brokenBy(await play(history))).toBe('');
  });
});

describe('the simulation', () => {
  it('plays a history the same way every time, call by call', async () => {
    for (const seed of [11, 42, 77]) {
      const [first, second] = [await play(inventHistory(seed)), await play(inventHistory(seed))];
      expect(first.trace.length).toBeGreaterThan(100);
      expect(second.hash).toBe(first.hash);
    }
  });

  it('invents another history for another seed', () => {
    const histories = Array.from({ length: 200 }, (_, seed) => JSON.stringify(inventHistory(seed).rounds));
    expect(new Set(histories).size).toBe(200);
  });

  it('plays a history read from a file as it played the one that was invented', async () => {
    const history = inventHistory(5);
    expect((await play(JSON.parse(JSON.stringify(history)))).hash).toBe((await play(history)).hash);
  });

  it('leaves away of a failing history whatever is not needed to fail', async () => {
    const pulls = (rounds: ReturnType<typeof inventHistory>['rounds']): number =>
      rounds.flatMap(({ actors }) => actors).filter(({ kind }) => kind === 'pull').length;
    const history = inventHistory(3);
    expect(pulls(history.rounds)).toBeGreaterThan(1);
    const { history: small } = await minimise(history, async ({ rounds }) => pulls(rounds) > 0);
    expect(small.rounds).toEqual([
      { actors: [expect.objectContaining({ kind: 'pull', faults: [], skewMs: 0, patience: 0 })], order: [] },
    ]);
  });
});

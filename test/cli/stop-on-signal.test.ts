import { describe, expect, it } from 'vitest';
import { stopOnSignal } from '../../cli/stop-on-signal.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { drivenClock } from '../support/driven-clock.ts';

/** A terminal and a clock that the test drives. */
const aWorld = () => {
  const clock = drivenClock();
  const said: string[] = [];
  const exits: number[] = [];
  let press = (): void => {};
  const terminal: Pick<Terminal, 'say' | 'exitNow' | 'onStop'> = {
    say: (text) => said.push(text),
    exitNow: (code) => exits.push(code),
    onStop: (callback) => {
      press = callback;
      return () => {
        press = () => said.push('(nobody listens)');
      };
    },
  };
  return { stopping: stopOnSignal(terminal, clock, 0), said, exits, pass: clock.pass, press: () => press() };
};

describe('Ctrl-C', () => {
  it('tells the flows that their time is over, and cuts nothing yet', () => {
    const { stopping, press, said, exits } = aWorld();
    expect(stopping.limits.remainingMs()).toBe(Number.POSITIVE_INFINITY);
    press();
    expect(stopping.asked.aborted).toBe(true);
    expect(stopping.limits.remainingMs()).toBe(0);
    expect(stopping.limits.signal.aborted).toBe(false);
    expect(said).toEqual(['Stopping: finishing what is under way, at most 10 s. Ctrl-C again stops at once.']);
    expect(exits).toEqual([]);
  });

  it('cuts what still waits after 8 s and ends the process after 10 s', async () => {
    const { stopping, press, exits, pass } = aWorld();
    press();
    await pass(8000);
    expect(stopping.limits.signal.aborted).toBe(true);
    expect(exits).toEqual([]);
    await pass(2000);
    expect(exits).toEqual([0]);
  });

  it('that arrives twice at once, through npm and the terminal, is one', async () => {
    const { press, said, exits, pass } = aWorld();
    press();
    await pass(200);
    press();
    expect(said).toHaveLength(1);
    expect(exits).toEqual([]);
  });

  it('pressed again ends the process at once', async () => {
    const { press, said, exits, pass } = aWorld();
    press();
    await pass(1500);
    press();
    expect(said.at(-1)).toContain('Stopped at once.');
    expect(exits).toEqual([0]);
  });

  it('does nothing more when all has come to rest', async () => {
    const { stopping, press, exits, pass } = aWorld();
    press();
    stopping.over();
    await pass(20_000);
    expect(exits).toEqual([]);
    expect(stopping.limits.signal.aborted).toBe(false);
  });
});

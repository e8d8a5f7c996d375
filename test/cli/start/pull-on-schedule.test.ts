import { describe, expect, it } from 'vitest';
import { pullOnSchedule } from '../../../cli/start/pull-on-schedule.ts';
import { OperatorMustFix, RetryLater } from '../../../shared/core/errors.ts';
import type { PullLine, Telemetry } from '../../../shared/ports/telemetry.ts';
import { recordingClock } from '../../fakes/recording-clock.ts';

const line: PullLine = {
  source: 'closer',
  result: 'done',
  read: 0,
  kept: 0,
  redacted: 0,
  journaled: 0,
  unattributed: 0,
  unreadable: 0,
  segments: 0,
  head: 0,
  watermark: '2026-01-01T00:00:00.000000000Z',
  lagMs: 0,
  durationMs: 0,
};
type Step = Partial<PullLine> | Error;

/** Runs the schedule over these pulls, each lasting a second; after the last one somebody asks to stop. */
const run = async (...steps: readonly Step[]) => {
  const clock = recordingClock();
  const stop = new AbortController();
  const notices: string[] = [];
  const telemetry = {
    notice: (level, message) => notices.push(`${level}: ${message}`),
  } as Partial<Telemetry> as Telemetry;
  const script = [...steps];
  const pull = async (): Promise<PullLine> => {
    const step = script.shift();
    if (script.length === 0) stop.abort();
    clock.advance(1000);
    if (step instanceof Error) throw step;
    return { ...line, ...step };
  };
  await pullOnSchedule({ clock, telemetry, pull }, { intervalMs: 60_000, signal: stop.signal });
  return { waits: clock.waits, notices, left: script.length };
};

const unreachable = new RetryLater('Elasticsearch does not answer.');
const forbidden = new OperatorMustFix('The API key may not read closer*.');

describe('the schedule of pulls', () => {
  it('begins a pull every interval, however long one takes', async () => {
    expect((await run({}, {}, {})).waits).toEqual([59_000, 59_000]);
  });

  it('goes on at once while there is more to read', async () => {
    expect((await run({ result: 'more', kept: 5 }, { result: 'more', kept: 5 }, {})).waits).toEqual([]);
  });

  it('does not spin when a pull stops early without bringing anything', async () => {
    expect((await run({ result: 'more', kept: 0 }, {})).waits).toEqual([59_000]);
  });

  it('says that the source does not answer, and tries again ever later, up to five minutes', async () => {
    const { waits, notices } = await run(...Array(9).fill(unreachable), {});
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1000));
    expect(notices).toHaveLength(9);
    expect(notices[0]).toBe('warn: Elasticsearch does not answer.');
  });

  it('is patient anew once the source has answered', async () => {
    expect((await run(unreachable, unreachable, {}, unreachable, {})).waits).toEqual([5000, 10_000, 59_000, 5000]);
  });

  it('ends when the very first pull meets what a person must fix', async () => {
    await expect(run(forbidden, {})).rejects.toThrow(forbidden);
  });

  it('says later on what a person must fix, at each interval, and goes on when it is mended', async () => {
    const { waits, notices, left } = await run({}, forbidden, forbidden, {});
    expect(waits).toEqual([59_000, 60_000, 60_000]);
    expect(notices).toEqual([`error: ${forbidden.message}`, `error: ${forbidden.message}`]);
    expect(left).toBe(0);
  });

  it('does not hide a mistake of its own', async () => {
    await expect(run({}, new TypeError('undefined is not a function'), {})).rejects.toThrow(TypeError);
  });
});

import { describe, expect, it } from 'vitest';
import type { Document } from './elastic.ts';
import { aStageInMemory, hitOf, idsOf, isoOf, noon } from './stage.ts';

/** The same in every run, between 0 and 1. */
const spread = (n: number): number => ((n * 7919) % 104_729) / 104_729;

/** Somebody writes an event every second for ten minutes; a pull runs every half minute. */
const writeAndPull = async (
  written: (second: number) => { readonly stampedMs: number; readonly visibleMs: number },
  ourClockAheadMs = 0,
) => {
  const stage = aStageInMemory([]);
  stage.clock.advance(ourClockAheadMs);
  const events = Array.from({ length: 600 }, (_, second): Document & { readonly visibleMs: number } => {
    const { stampedMs, visibleMs } = written(second);
    return { index: 'closer-a', id: `w${second}`, source: { '@timestamp': isoOf(stampedMs) }, visibleMs };
  });
  for (const event of events) stage.source.add(hitOf(event), { visibleAtMs: event.visibleMs + ourClockAheadMs });
  for (let run = 0; run < 40; run += 1) {
    await stage.pull();
    stage.clock.advance(30_000);
  }
  return { stage, events };
};

describe('in memory', () => {
  it('F13 the clock that stamps and ours are 40 s apart, either way: the overlap covers it and nothing is lost', async () => {
    for (const stampsOffMs of [-20_000, 20_000]) {
      const { stage, events } = await writeAndPull(
        (second) => ({
          stampedMs: noon + second * 1_000 + stampsOffMs,
          visibleMs: noon + second * 1_000 + 10_000 * spread(second),
        }),
        -stampsOffMs,
      );
      await stage.expectOnce(idsOf(events));
    }
  });

  it('F15 events are stamped first and committed up to four minutes later, in any order: none is lost, none comes twice', async () => {
    const { stage, events } = await writeAndPull((second) => ({
      stampedMs: noon + second * 1_000,
      visibleMs: noon + second * 1_000 + 240_000 * spread(second),
    }));
    const order = await stage.journaled();
    expect(order).not.toEqual(idsOf(events));
    await stage.expectOnce(idsOf(events));
  });
});

import type { Hit } from '../../core/event.ts';
import { beginningOfTime, type Instant } from '../../core/instant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Source } from '../../ports/source.ts';
import { walkPages } from './walk-pages.ts';

export interface ExceptionRun {
  readonly source: Source;
  readonly clock: Clock;
  /** The range that pull has just walked: what lies after it is dated ahead. */
  readonly range: { readonly to: Instant };
  readonly take: (hit: Hit) => void;
  readonly commit: () => Promise<'committed' | 'busy'>;
  readonly outOfTime: () => boolean;
}

/**
 * Journals, once, what no range of time will ever bring: events without a readable time, and those dated ahead. They move no
 * watermark. An event dated ahead is found again when its time comes, and is known then.
 */
export const pullExceptions = async (run: ExceptionRun): Promise<'done' | 'more' | 'busy'> => {
  const request = { range: { from: beginningOfTime, to: run.range.to }, side: 'outside' as const };
  for await (const step of walkPages(run.source, { request, clock: run.clock, lastTime: () => undefined })) {
    if (step.kind === 'end') break;
    for (const hit of step.hits) run.take(hit);
    if ((await run.commit()) === 'busy') return 'busy';
    if (run.outOfTime()) return 'more';
  }
  return 'done';
};

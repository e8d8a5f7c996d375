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
  /** `outside`: how many there are, once all of them were walked. */
  readonly commit: (outside?: number) => Promise<'committed' | 'busy'>;
  /** Whether so many need not be read again. */
  readonly isKnown: (count: number) => boolean;
  readonly outOfTime: () => boolean;
}

/**
 * Journals, once, what no range of time will ever bring: events without a readable time, and those dated ahead. They move no
 * watermark. An event dated ahead is found again when its time comes, and is known then. A log in which they are many is not read
 * again by every run, only when their number has changed, and every hour.
 */
export const pullExceptions = async (run: ExceptionRun): Promise<'done' | 'more' | 'busy'> => {
  const request = { range: { from: beginningOfTime, to: run.range.to }, side: 'outside' as const };
  for await (const step of walkPages(run.source, { request, clock: run.clock, lastTime: () => undefined })) {
    if (run.isKnown(step.walk.count)) return 'done';
    if (step.kind === 'end') {
      const whole = step.walked >= step.counted;
      return whole && (await run.commit(step.counted)) === 'busy' ? 'busy' : 'done';
    }
    for (const hit of step.hits) run.take(hit);
    if ((await run.commit()) === 'busy') return 'busy';
    if (run.outOfTime()) return 'more';
  }
  return 'done';
};

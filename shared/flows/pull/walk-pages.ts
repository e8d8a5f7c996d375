import { RetryLater } from '../../core/errors.ts';
import type { Hit } from '../../core/event.ts';
import { type Instant, latest } from '../../core/instant.ts';
import type { LeftWalk } from '../../core/left-walk.ts';
import { halvedPageSize, nextPageSize, pageSizes } from '../../core/page-size.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PageCursor, PageResult, Source, Walk, WalkRequest } from '../../ports/source.ts';
import { resultOf, settled } from '../settled.ts';

/** One step of a walk: hits to work on, or the end of the view with what it should have held. */
export type Step =
  | {
      readonly kind: 'hits';
      readonly hits: readonly Hit[];
      readonly walk: Walk;
      /** How many events of this view came before these. */
      readonly before: number;
      /** Leaves the view open for a later run, which goes on after these hits; the walk must end with this step. */
      readonly leave: () => Pick<LeftWalk, 'view' | 'range' | 'after'> | undefined;
    }
  /** `walked` and `counted` are of the view that was walked to its end. */
  | { readonly kind: 'end'; readonly walk: Walk; readonly walked: number; readonly counted: number };

export interface WalkOptions {
  readonly request: WalkRequest;
  readonly clock: Clock;
  /** The last time seen so far: where a lost view is opened anew, inclusive. */
  readonly lastTime: () => Instant | undefined;
  /**
   * How many events of the lost view came before that time. When the new view counts more from where the lost one began, that one left some
   * out, and it is walked again from there. Absent: what is left out is found by who compares counts afterwards.
   */
  readonly walkedBefore?: () => number;
  /** Where an earlier run left this walk. */
  readonly left?: Pick<LeftWalk, 'view' | 'after' | 'walked'>;
  readonly signal?: AbortSignal;
}

/** A view may be lost this often without one new event in between. */
const mostLosses = 5;
/** By a server that has too much to do; then one event alone is asked for at the last. */
const mostRefusals = 8;

/**
 * Walks a range to its end, whatever happens to the view: the next page is fetched while this one is worked on, refused pages
 * are asked for again at half the size, a lost view is opened anew from the last time seen (its events come again), or from where it began
 * when it has left something out.
 * @throws RetryLater when the source gives no whole answer; nothing of the failed page was handed out
 */
export async function* walkPages(source: Source, options: WalkOptions): AsyncGenerator<Step, void, void> {
  let losses = 0;
  let gaps = 0;
  let size: number = pageSizes.first;
  let start = options.request.range.from;
  for (let { left } = options; ; left = undefined) {
    const opened = left ? await openLeft(source, options, left) : await openFrom(source, options, start);
    const { walk, request } = opened;
    gaps = opened.where === 'before a gap' ? gaps + 1 : 0;
    start = request.range.from;
    const pages = pagesOf(walk, left?.after, size, options);
    let isLeft = false;
    try {
      let walked = left?.walked ?? 0;
      let lost: string | undefined;
      for await (const page of pages) {
        if (page.kind === 'lost') {
          lost = page.reason;
          break;
        }
        size = page.size;
        const before = walked;
        walked += page.hits.length;
        if (page.hits.length === 0) continue;
        losses = 0;
        const { hits, next } = page;
        const leave = () => {
          const view = next && walk.leave?.();
          isLeft = view !== undefined;
          return view && { view, range: request.range, after: next };
        };
        yield { kind: 'hits', hits, walk, before, leave };
      }
      if (lost === undefined) {
        yield { kind: 'end', walk, walked, counted: walk.count };
        return;
      }
      losses += 1;
      if (losses > mostLosses || gaps > mostLosses)
        throw new RetryLater(
          `Source "${source.id}" lost its view ${Math.max(losses, gaps)} times in a row (${lost}). The next run goes on from the checkpoint.`,
        );
    } finally {
      if (!isLeft) await walk.close();
    }
  }
}

interface Opened {
  readonly walk: Walk;
  readonly request: WalkRequest;
  readonly where: 'onwards' | 'before a gap';
}

const openLeft = async (
  source: Source,
  { request }: WalkOptions,
  { view }: NonNullable<WalkOptions['left']>,
): Promise<Opened> => ({ walk: await source.open({ ...request, view }), request, where: 'onwards' });

/** @param start where the view before began; of the first one, where the range does */
const openFrom = async (source: Source, options: WalkOptions, start: Instant): Promise<Opened> => {
  const { request, lastTime, walkedBefore } = options;
  const time = lastTime();
  if (time !== undefined && time > start && walkedBefore) {
    const again = { ...request, range: { ...request.range, from: start } };
    const walk = await source.open(again);
    const held = await walk.countBefore(time).catch(async (error: unknown) => {
      await walk.close();
      throw error;
    });
    if (held > walkedBefore()) return { walk, request: again, where: 'before a gap' };
    await walk.close();
  }
  const { from } = request.range;
  const onwards = { ...request, range: { ...request.range, from: time === undefined ? from : latest(time, from) } };
  return { walk: await source.open(onwards), request: onwards, where: 'onwards' };
};

type Fetched =
  | {
      readonly kind: 'page';
      readonly hits: readonly Hit[];
      readonly next: PageCursor | undefined;
      readonly size: number;
    }
  | Extract<PageResult, { kind: 'lost' }>;

/** The pages of one view, one ahead. */
async function* pagesOf(
  walk: Walk,
  after: PageCursor | undefined,
  firstSize: number,
  { clock, signal }: WalkOptions,
): AsyncGenerator<Fetched, void, void> {
  let size = firstSize;
  let ahead = settled(fetchPage(walk, after, size, clock, signal));
  for (;;) {
    const { page, size: grantedSize } = resultOf(await ahead);
    if (page.kind === 'lost') {
      yield page;
      return;
    }
    size = nextPageSize(grantedSize, { hits: page.hits.length, bytes: page.bytes });
    if (page.next) ahead = settled(fetchPage(walk, page.next, size, clock, signal));
    yield { kind: 'page', hits: page.hits, next: page.next, size };
    if (!page.next) return;
  }
}

const fetchPage = async (
  walk: Walk,
  after: PageCursor | undefined,
  firstSize: number,
  clock: Clock,
  signal: AbortSignal | undefined,
) => {
  let size = firstSize;
  for (let refusals = 0; ; ) {
    const page = await walk.page(after, size);
    if (page.kind !== 'too large') return { page, size };
    if ((refusals >= mostRefusals && size === 1) || signal?.aborted)
      throw new RetryLater(`The source refuses a page of ${size} events (${page.reason}). The next run asks again.`);
    // Half of what was too long may fit, and no waiting makes it shorter.
    if (!page.isTooLong || size === 1) {
      await clock.sleep(Math.min(250 * 2 ** refusals, 10_000), signal);
      refusals += 1;
    }
    size = Math.max(1, halvedPageSize(size));
  }
};

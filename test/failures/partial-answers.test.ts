import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import { jsonOf, type Rule, type Told } from '../support/wire-tap.ts';
import { standInElastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf, isPage, noon } from './stage.ts';

/** The answer with other parts, its hits cut to the first `most`. */
const changed = (told: Told, parts: Readonly<Record<string, unknown>>, most = Number.POSITIVE_INFINITY): Told => {
  const whole = jsonOf(told);
  const hits = { ...Object(whole['hits']), hits: hitsIn(told).slice(0, most) };
  return { ...told, body: { ...whole, hits, ...parts } };
};

const hitsIn = (told: Told): readonly { readonly _id: string }[] => Object(jsonOf(told)['hits']).hits;

/** Does this to pages alone. */
const toPages =
  (rule: Rule): Rule =>
  (asked, forward) =>
    isPage(asked) ? rule(asked, forward) : forward();

const aPulledStage = async (count = 1_500) => {
  const elastic = await standInElastic();
  const documents = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', count);
  await elastic.put(documents);
  return { elastic, tap: elastic.tap, documents, stage: aStageBefore(elastic) };
};

/** The run ends without a journal entry or a step of the checkpoint; once the server is well again everything arrives once. */
const isRefused = async (rule: Rule, because: RegExp): Promise<void> => {
  const { tap, documents, stage } = await aPulledStage();
  tap.obey(rule);
  const pull = stage.pull();
  await expect(pull).rejects.toThrow(because);
  await expect(pull).rejects.toThrow(RetryLater);
  expect(await stage.journaled()).toEqual([]);
  expect(stage.checkpoint()).toMatchObject({ watermark: '1970-01-01T00:00:00.000000000Z', head: 0 });
  tap.obey(undefined);
  await stage.pull();
  await stage.expectOnce(idsOf(documents));
};

describe('stand-in, answers changed', () => {
  it('F16 a shard fails behind a 200 with fewer hits: the page is refused, asked for again, and no checkpoint moves', async () => {
    const failures = [{ shard: 1, reason: { type: 'illegal_state_exception', reason: 'the shard is ill' } }];
    const _shards = { total: 2, successful: 1, skipped: 0, failed: 1, failures };
    await isRefused(
      toPages(async (_, forward) => changed(await forward(), { _shards }, 400)),
      /lost its view 6 times in a row \(only 1 of 2 shards answered \(illegal_state_exception\)\)/,
    );
  });

  it('F17 a search times out behind a 200 without a failed shard: the page is refused and no checkpoint moves', () =>
    isRefused(
      toPages(async (_, forward) => changed(await forward(), { timed_out: true }, 400)),
      /gave no whole answer .*the search timed out.* Nothing was consumed/,
    ));

  it('F18 a remote cluster dies in the middle of a walk and is skipped behind a 200: no page and no view without it is taken', async () => {
    const elastic = await standInElastic();
    const events = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 3_000);
    await elastic.put(events);
    const stage = aStageBefore(elastic, { index: 'closer-a,far:closer-a' });
    let pages = 0;
    let isDown = false;
    const crippled = new Set<unknown>();
    // As 8.19 does it: a view that is opened without the cluster looks whole, and so does every search in it.
    elastic.tap.obey(async (asked, forward) => {
      if (isPage(asked)) pages += 1;
      if (pages === 2) isDown = true;
      const told = await forward();
      const viewId = Reflect.get(Object(asked.body['pit']), 'id');
      if (isDown && asked.path.includes('/_pit?')) crippled.add(jsonOf(told)['id']);
      if (!asked.path.includes('/_search')) return told;
      const _shards = { total: 2, successful: 2, skipped: 0, failed: 0 };
      if (crippled.has(viewId)) {
        const half = { total: { value: hitsIn(told).length }, hits: hitsIn(told) };
        return changed(told, { hits: half, _shards: { ..._shards, total: 1, successful: 1 } });
      }
      return changed(told, { _shards, _clusters: { total: 2, successful: isDown ? 1 : 2, skipped: isDown ? 1 : 0 } });
    });
    const pull = stage.pull();
    await expect(pull).rejects.toThrow(
      /gave no whole answer for "closer-a,far:closer-a" \(clusters missing: 1 skipped\)/,
    );
    expect(crippled.size).toBeGreaterThan(0);
    // The one page that was whole is journaled; the watermark follows nothing.
    expect(stage.checkpoint()).toMatchObject({ watermark: '1970-01-01T00:00:00.000000000Z', head: 1 });
    pages = Number.NaN;
    isDown = false;
    await stage.pull();
    await stage.expectOnce(idsOf(events));
  });

  it('F21 the server gives fewer hits than match: its own count shows it, the checkpoint stays, and the next run walks again', async () => {
    const { tap, documents, stage } = await aPulledStage();
    tap.obey(
      toPages(async (_, forward) => {
        const told = await forward();
        return changed(told, { hits: { hits: hitsIn(told).filter(({ _id }) => !_id.endsWith('-700')) } });
      }),
    );
    expect(await stage.pull()).toMatchObject({ result: 'more', journaled: 1_499 });
    expect(stage.checkpoint()?.watermark).toBe('1970-01-01T00:00:00.000000000Z');
    expect(stage.notices.at(-1)?.message).toContain('fewer events than it counted');
    tap.obey(undefined);
    expect(await stage.pull()).toMatchObject({ result: 'done', journaled: 1 });
    await stage.expectOnce(idsOf(documents));
  });

  it('F23 a page is short before the end of the data: the walk goes on until as many came as were counted', async () => {
    const { tap, documents, stage } = await aPulledStage();
    tap.obey(toPages(async (_, forward) => changed(await forward(), {}, 333)));
    expect(await stage.pull()).toMatchObject({ result: 'done', read: 1_500 });
    await stage.expectOnce(idsOf(documents));
  });

  it('F24 a window is deeper than caps on pages and offsets reach: the walk has no depth, each page begins at a value', {
    timeout: 180_000,
  }, async () => {
    const { tap, documents, stage } = await aPulledStage(7_200);
    const tooLarge = {
      error: { type: 'illegal_argument_exception', reason: 'Result window is too large, it must be <= 10' },
    };
    tap.obey(
      toPages((asked, forward) => (Number(asked.body['size']) > 10 ? { status: 400, body: tooLarge } : forward())),
    );
    expect(await stage.pull()).toMatchObject({ result: 'done', read: 7_200 });
    const pages = tap.asked.filter((asked) => isPage(asked) && Number(asked.body['size']) <= 10);
    expect(pages.length).toBeGreaterThan(990);
    expect(pages.every(({ body }) => !('from' in body))).toBe(true);
    const cursors = pages.flatMap(({ body }) => ('search_after' in body ? [JSON.stringify(body['search_after'])] : []));
    expect(new Set(cursors).size).toBe(cursors.length);
    await stage.expectOnce(idsOf(documents));
  });

  it('F25 the server answers 429 for five minutes: smaller pages, growing waits, no tight loop, and no checkpoint moves', async () => {
    const { tap, documents, stage } = await aPulledStage();
    const busy = { error: { type: 'es_rejected_execution_exception', reason: 'rejected execution' } };
    tap.obey(
      toPages((_, forward) => (stage.clock.nowMs() < noon + 5 * 60_000 ? { status: 429, body: busy } : forward())),
    );
    for (let run = 1; run <= 3; run += 1) {
      await expect(stage.pull(), `run ${run}`).rejects.toThrow(
        /refuses a page of \d+ events .* The next run asks again/,
      );
      stage.clock.advance(60_000);
    }
    expect(stage.checkpoint()).toMatchObject({ head: 0 });
    const sizes = tap.asked.filter(isPage).map(({ body }) => body['size']);
    expect(sizes.slice(0, 9)).toEqual([1_000, 500, 250, 125, 62, 31, 15, 7, 3]);
    expect(sizes.length).toBeLessThan(50);
    expect(stage.clock.waits.slice(0, 8)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    await stage.pull();
    await stage.expectOnce(idsOf(documents));
  });
});

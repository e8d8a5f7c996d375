import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { standInElastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf } from './stage.ts';

const nothingMatches =
  /^No open index at http:\/\/127\.0\.0\.1:\d+ matches SLUICE_SOURCE_INDEX "\*closer\*"\. Check the pattern, and that the credentials may read/;

describe('stand-in, answers changed', () => {
  it('F19 the pattern matches nothing any more, or may not be read: an error that names the fix, never "0 new events"', async () => {
    const elastic = await standInElastic();
    const early = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 3);
    await elastic.put(early);
    const stage = aStageBefore(elastic);
    await stage.pull();
    const { watermark } = stage.checkpoint() ?? {};
    stage.clock.advance(3_600_000);

    // A renamed index is not matched, or is not among what an API key may read: both look like no index at all.
    elastic.tap.obey(() => ({ status: 200, body: { indices: [], fields: {} } }));
    await expect(stage.pull()).rejects.toThrow(nothingMatches);
    const reason =
      'action [indices:data/read/open_point_in_time] is unauthorized for API key id [k1] on indices [shrink-abcd-closer]';
    const forbidden = { error: { type: 'security_exception', reason }, status: 403 };
    elastic.tap.obey((asked, forward) => (asked.path.includes('/_pit') ? { status: 403, body: forbidden } : forward()));
    await expect(stage.pull()).rejects.toThrow(OperatorMustFix);
    await expect(stage.pull()).rejects.toThrow(
      /shrink-abcd-closer\]\)\. Give the credentials of the secret "elasticsearch" the index privilege `read`/,
    );
    expect(stage.checkpoint()?.watermark).toBe(watermark);

    elastic.tap.obey(undefined);
    const late = documentsFrom(`${elastic.name}-a`, '2026-03-01T12:30:00.000Z', 2);
    await elastic.put(late);
    await stage.pull();
    await stage.expectOnce(idsOf([...early, ...late]));
  });
});

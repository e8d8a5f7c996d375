import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../shared/core/segment.ts';
import { linesOf, noLines } from '../../../shared/flows/journal/lines.ts';
import { sharedViews, type View } from '../../../shared/flows/journal/viewed-lines.ts';

const segment = (hash: string): Manifest => ({ hash }) as Manifest;
const block = linesOf(Buffer.from('{"n":0}\n{"n":1}\n{"n":2}\n'), 3) ?? noLines;

/** Even numbers, written as they are; counts how often it looked. */
const counting = (name: string): View & { looks(): number } => {
  let looks = 0;
  return {
    name,
    see: (line) => {
      looks += 1;
      return (JSON.parse(Buffer.from(line).toString()) as { n: number }).n % 2 === 0 ? line : undefined;
    },
    looks: () => looks,
  };
};
const all = (viewed: { at(index: number): Uint8Array | undefined }): readonly (string | undefined)[] =>
  [0, 1, 2].map((index) => {
    const line = viewed.at(index);
    return line && Buffer.from(line).toString();
  });

describe('lines through a view', () => {
  it('are looked at once for all who have the same view, those that are not wanted too', () => {
    const views = sharedViews();
    const [mine, yours] = [counting('even'), counting('even')];
    const expected = ['{"n":0}', undefined, '{"n":2}'];
    expect(all(views(segment('a'), 'acme', block, mine))).toEqual(expected);
    expect(all(views(segment('a'), 'acme', block, yours))).toEqual(expected);
    expect([mine.looks(), yours.looks()]).toEqual([3, 0]);
  });

  it('are looked at only when they are asked for', () => {
    const view = counting('even');
    sharedViews()(segment('a'), 'acme', block, view).at(2);
    expect(view.looks()).toBe(1);
  });

  it('are never those of another segment, tenant or view', () => {
    const views = sharedViews();
    const looks = [counting('even'), counting('even'), counting('even'), counting('other')] as const;
    all(views(segment('a'), 'acme', block, looks[0]));
    all(views(segment('b'), 'acme', block, looks[1]));
    all(views(segment('a'), 'bolt', block, looks[2]));
    all(views(segment('a'), 'acme', block, looks[3]));
    expect(looks.map((view) => view.looks())).toEqual([3, 3, 3, 3]);
  });

  it('are forgotten when others need the memory, and made again', () => {
    const views = sharedViews();
    const large = { ...block, bytes: new Uint8Array(20 * 1024 * 1024), starts: block.starts };
    const view = counting('even');
    all(views(segment('a'), 'acme', block, view));
    for (const hash of ['b', 'c']) views(segment(hash), 'acme', large, counting('even'));
    all(views(segment('a'), 'acme', block, view));
    expect(view.looks()).toBe(6);
  });
});

import { resultOf, settled } from '../settled.ts';

/** The results of `work`, in the order of the items, at most `most` under way at a time: what is not taken yet stays in memory. */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  const underWay: ReturnType<typeof settled<Result>>[] = [];
  for await (const item of items) {
    underWay.push(settled(work(item)));
    const oldest = underWay.length >= most ? underWay.shift() : undefined;
    if (oldest) yield resultOf(await oldest);
  }
  for (const rest of underWay) yield resultOf(await rest);
}

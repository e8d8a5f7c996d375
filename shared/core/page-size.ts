/** How many events to ask for next. */
export const pageSizes = { first: 1_000, most: 5_000, targetBytes: 2 * 1024 * 1024 } as const;

/**
 * The next page is sized for 2 MiB, and at most doubled: a 300 MB page kills a 7.17 server, tiny pages are slow, and two pages are in
 * memory at once.
 */
export const nextPageSize = (size: number, page: { readonly hits: number; readonly bytes: number }): number => {
  if (page.hits === 0) return size;
  const fitting = Math.floor((pageSizes.targetBytes * page.hits) / Math.max(page.bytes, 1));
  return Math.max(1, Math.min(fitting, size * 2, pageSizes.most));
};

/** The page size after a refusal (429, 413, out of memory). 0: not even a single event can be had. */
export const halvedPageSize = (size: number): number => Math.floor(size / 2);

import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';

/** The smallest id that sorts after `id`: where a page begins that follows the one that ended with it. */
export const idAfter = (id: string): string => `${id}\u0000`;

/**
 * The records of a partition by id, one page of them in memory. A record that is changed or removed after its page was read is given as it was
 * then.
 * @param options.from the first id, see `idAfter`; absent: from the beginning
 * @param options.pageSize records of one read, 1 to 1000
 */
export async function* eachRecord(
  records: Pick<RecordStore, 'range'>,
  partition: string,
  { from: first, pageSize = 1_000 }: { readonly from?: string; readonly pageSize?: number } = {},
): AsyncGenerator<StoredRecord, void> {
  for (let from = first; ; ) {
    const page = await records.range(partition, { ...(from !== undefined && { from }), limit: pageSize });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    from = idAfter(last.id);
  }
}

/** All records of a partition, by id: one read per thousand. */
export const everyRecord = async (
  records: Pick<RecordStore, 'range'>,
  partition: string,
): Promise<readonly StoredRecord[]> => {
  const all: StoredRecord[] = [];
  for await (const record of eachRecord(records, partition)) all.push(record);
  return all;
};

/** Arguments: state file, blob folder. Writes records and blobs without end and says the number of each that both stores acknowledged. */
import { folderBlobStore } from '../../../shared/adapters/folder-blob-store.ts';
import { sqliteRecordStore } from '../../../shared/adapters/sqlite-record-store.ts';

const [path = '', root = ''] = process.argv.slice(2);
const records = sqliteRecordStore({ path });
const blobs = folderBlobStore({ root });

for (let n = 1; ; n += 1) {
  await records.compareAndSet({ partition: 'p', id: 'a', value: n }, n - 1);
  await blobs.putIfAbsent(`n/${n}`, Buffer.from(`${n};`.repeat(20_000)));
  process.stdout.write(`${n}\n`);
}

/** Arguments: root, count. Puts the blobs `n/0` … `n/count-1` and answers with those it was told it created. */
import { folderBlobStore } from '../../../shared/adapters/folder-blob-store.ts';
import { answerWith, startTogether } from './start-together.ts';

const [root = '', count = '0'] = process.argv.slice(2);
const store = folderBlobStore({ root });
const content = Buffer.from(`${process.pid}:`.repeat(5000));
const created: string[] = [];

await startTogether();
for (let i = 0; i < Number(count); i += 1) {
  const name = `n/${i}`;
  if ((await store.putIfAbsent(name, content)) === 'created') created.push(name);
  // Whole, whoever wrote it.
  const bytes = await store.get(name);
  if (!bytes || !/^(\d+:)\1{4999}$/.test(Buffer.from(bytes).toString())) throw new Error(`${name} is torn`);
}
answerWith(created);

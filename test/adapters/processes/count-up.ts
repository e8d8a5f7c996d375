/** Arguments: path of a state file, times. Counts one record up that many times and answers with the versions it stored. */
import { sqliteRecordStore } from '../../../shared/adapters/sqlite-record-store.ts';
import { answerWith, startTogether } from './start-together.ts';

const [path = '', times = '0'] = process.argv.slice(2);
const store = sqliteRecordStore({ path });
const stored: number[] = [];

await startTogether();
while (stored.length < Number(times)) {
  const current = await store.get('p', 'counter');
  const expected = current?.version ?? 0;
  const value = Number(current?.value ?? 0) + 1;
  if ((await store.compareAndSet({ partition: 'p', id: 'counter', value }, expected)) === 'stored')
    stored.push(expected + 1);
}
store.close();
answerWith(stored);

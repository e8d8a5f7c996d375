import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { openSource, timeoutsOfAnAnswer } from '../../shared/adapters/open-source.ts';
import { RetryLater } from '../../shared/core/errors.ts';
import { beginningOfTime, endOfTime } from '../../shared/core/instant.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

it('an Elasticsearch that never answers is given up within the time that whoever asked has', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const address = silent.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const settings = { kind: 'elasticsearch', id: 'closer', url, index: 'closer*', timeField: '@timestamp' } as const;
  const deps = { secrets: memorySecrets({}), clock: recordingClock(), timeouts: { requestMs: 40, pageMs: 40 } };
  const source = await openSource(settings, deps);
  const range = { from: beginningOfTime, to: endOfTime };
  await expect(source.first?.({ range }, 1)).rejects.toBeInstanceOf(RetryLater);
  await expect(source.open({ range })).rejects.toBeInstanceOf(RetryLater);
});

it('a search, a view, its count and its first page fit into what API Gateway waits', () => {
  const { requestMs, pageMs } = timeoutsOfAnAnswer;
  expect(pageMs + requestMs + requestMs + pageMs).toBeLessThan(29_000);
});

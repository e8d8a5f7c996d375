/**
 * Shuts the network before any test runs: nothing but loopback is reachable, whichever client asks.
 * Adapters of AWS and Elasticsearch are answered by `nock`; a request that no interceptor expects fails.
 * `test/network-is-shut.test.ts` proves that nothing gets past this.
 */
import nock from 'nock';
import { afterEach, beforeAll } from 'vitest';

beforeAll(() => {
  if (!nock.isActive()) nock.activate();
  nock.disableNetConnect();
  nock.enableNetConnect(/^(127\.0\.0\.1|localhost|\[?::1\]?)(:\d+)?$/);
});

afterEach(() => {
  nock.cleanAll();
});

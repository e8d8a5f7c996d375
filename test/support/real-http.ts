import nock from 'nock';
import { afterAll, beforeAll } from 'vitest';

/**
 * Gives a test file the untouched `node:http`: nock's stand-in knows neither reused connections nor look-ups. Only for files whose every
 * target is a loopback literal or is resolved by the test itself.
 */
export const useRealHttp = (): void => {
  beforeAll(() => nock.restore());
  afterAll(() => {
    if (!nock.isActive()) nock.activate();
  });
};

import { defineConfig } from 'vitest/config';

/**
 * Suites that need a real server (Elasticsearch, AWS-like services): one file after the other, with time for a server to think.
 * Each says in one line how to turn it on; `REQUIRE_REAL=1`, as in CI, makes a suite that is not turned on a failure.
 */
export default defineConfig({
  test: {
    include: ['test/real/**/*.real.test.ts'],
    environment: 'node',
    fileParallelism: false,
    restoreMocks: true,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'node_modules/**'],
    environment: 'node',
    // Many tests wait for processes of their own: one core fewer, as is the default, would leave half of two idle.
    maxWorkers: '100%',
    setupFiles: ['test/support/shut-network.ts'],
    restoreMocks: true,
    // Against what hangs, not against a busy machine: tests that start processes take seconds on one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

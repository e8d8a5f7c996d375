import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'node_modules/**'],
    environment: 'node',
    setupFiles: ['test/support/shut-network.ts'],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});

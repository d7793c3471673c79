import { defineConfig } from 'vitest/config';

/** Tests that need a server or a browser beside Node; they fail loudly where it is missing. */
export default defineConfig({
  test: {
    include: ['**/*.server.test.ts'],
    exclude: ['node_modules', 'dist'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});

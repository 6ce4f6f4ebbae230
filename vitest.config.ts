import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/bench/**'],
    pool: 'forks',
    // Most tests start processes of their own; more at once would only wait for each other.
    maxWorkers: 2,
    // Generous: a limit is there to end what hangs, not to measure. A loaded machine must not fail a test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
})

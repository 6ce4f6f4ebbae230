import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/bench/**'],
    pool: 'forks',
    // One more than the cores of a small machine: tests that start processes wait for them most of the time.
    maxWorkers: 3,
    // Generous: a limit is there to end what hangs, not to measure. A loaded machine must not fail a test.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 20_000,
  },
})

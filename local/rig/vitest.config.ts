import '../machine/node-version.js' // a Node that is too old fails at the set-up, without a reason
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['functions/**/*.test.ts', 'lib/**/*.test.ts', 'local/**/*.test.ts'],
    globalSetup: 'local/rig/setup.ts',
    maxWorkers: 3, // they wait more than they compute
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 40_000, interval: 20 } },
  },
})

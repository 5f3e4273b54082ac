import '../../machine/node-version.js' // a Node that is too old fails at the set-up, without a reason
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['local/kafka/conformance/*.test.ts'],
    globalSetup: 'local/kafka/conformance/setup.ts',
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
})

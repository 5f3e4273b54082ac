import '../../machine/node-version.js' // a Node that is too old fails at the set-up, without a reason
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['local/kafka/conformance/*.test.ts'],
    globalSetup: 'local/kafka/conformance/setup.ts',
    testTimeout: 400_000,
    hookTimeout: 400_000,
  },
})

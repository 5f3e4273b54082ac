import { join, sep } from 'node:path'

const PACKAGES = join(import.meta.dirname, '../../node_modules') + sep

/**
 * The Node that `npm run deploy` goes on with, which sees the secrets of production: the machine's own, on which npm
 * runs. The one that comes with this project is what its scripts begin on; it is a package of third parties, for a
 * laptop. Throws where the machine's own is too old.
 */
export function machineNode(execPath: string, { npm_node_execpath, npm_config_user_agent = '' }: NodeJS.ProcessEnv) {
  if (!npm_node_execpath) return execPath // not by npm: someone has chosen
  const version = /\bnode\/v((\d+)\S*)/.exec(npm_config_user_agent)
  if (npm_node_execpath.startsWith(PACKAGES) || Number(version?.[2]) < 24)
    throw new Error(
      `a deployment takes a Node of your own, 24 or newer: this is ${version?.[1]}, and that of the project sees no secrets`,
    )
  return npm_node_execpath
}

import { chown, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Identity, run } from './run.ts'

/**
 * Postgres refuses to run as root. Then it runs as `postgres` or `nobody`, who gets the data folder; where neither can
 * reach the files (a checkout in a private home), as root in a user namespace in which root is called nobody.
 */
export async function chooseIdentity(programs: string, data: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return {}
  const postgres = join(programs, 'postgres')
  const works = (identity: Identity) =>
    run(postgres, ['--version'], identity).then(
      ({ code }) => code === 0,
      () => false,
    )
  await mkdir(dirname(data), { recursive: true })
  for (const user of ['postgres', 'nobody']) {
    const identity = await lookUp(user)
    if (!identity || !(await works(identity))) continue
    if ((await run('/bin/sh', ['-c', 'cd "$1"', '-', dirname(data)], identity)).code !== 0) continue
    await give(data, identity)
    return identity
  }
  const nobody = await lookUp('nobody')
  if (nobody) {
    const identity = { prefix: ['unshare', '--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`] }
    if (await works(identity)) {
      await give(data, { uid: 0, gid: 0 })
      return identity
    }
  }
  throw new Error(
    `Postgres cannot run as root, and no other user can read ${programs} and ${dirname(data)}: run this as an ordinary user`,
  )
}

async function lookUp(user: string) {
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => (await run('id', [flag, user])).output))
  return /^[1-9]\d*$/.test(uid ?? '') ? { uid: Number(uid), gid: Number(gid) } : undefined
}

async function give(folder: string, { uid, gid }: { uid: number; gid: number }) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await stat(folder)).uid === uid) return
  await chown(folder, uid, gid)
  await run('chown', ['-R', `${uid}:${gid}`, folder]) // data of a run under another user
}

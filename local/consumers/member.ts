import { APPS } from './apps/index.ts'
import { runMember } from './member-process.ts'

await runMember(APPS)

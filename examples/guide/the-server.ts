/** The server that the examples of the guide connect to: the server of reports, over stdio, with a file of its own. */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StdioTarget } from '@longcall/client'

export const file: string = join(tmpdir(), `longcall-guide-${randomUUID()}.db`)
process.once('exit', () => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
})

export const script: string = fileURLToPath(new URL('../servers/reports.js', import.meta.url))

export const server: StdioTarget = { command: process.execPath, args: [script, '--file', file] }

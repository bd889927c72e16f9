/**
 * Clients that nobody here wrote, in front of our server, each side a process of its own. A client's script tries one
 * thing after another and prints what it saw; the tests read that.
 */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll } from 'vitest'
import { LISTENING, startProcess } from '../support/spawn-peer.ts'
import type { ThirdParty, Transport } from '../support/third-party.ts'

/** A server of ours as a foreign client starts it over stdio. It runs what is built: `tests/interop/setup.sh` builds. */
export interface OurServer {
  readonly command: string
  readonly args: readonly string[]
}

/** A server with a tool for each thing that can happen to a call. */
export const taskServer: OurServer = {
  command: process.execPath,
  args: [resolve(import.meta.dirname, 'peers/task_server.mjs')],
}

/** The same with tools that ask for answers in tasks of the client's. */
export const askingServer: OurServer = {
  command: process.execPath,
  args: [resolve(import.meta.dirname, 'peers/asking_server.mjs')],
}

/** Starts our server over HTTP, for everybody or for callers whose bearer token is their name. */
export async function startTaskServer(
  way: 'http' | 'http-by-name' = 'http',
  { command, args }: OurServer = taskServer,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = await startProcess({ command, args: [...args, way] }, LISTENING)
  return { url: server.url ?? '', stop: () => server.stop() }
}

/** The tools of our server, all of them. */
export const taskSupport: Readonly<Record<string, 'optional' | 'required' | 'forbidden'>> = {
  ask: 'optional',
  ask_twice: 'optional',
  plain_add: 'forbidden',
  progress: 'optional',
  protocol_error: 'optional',
  required_sleep: 'required',
  sample: 'optional',
  sleep: 'optional',
  toolerr: 'optional',
  typed: 'optional',
}

/**
 * What a client saw of our server: its script runs once, before the tests of the suite that calls this.
 *
 * @returns What was seen in the scenario of a name.
 * @throws {Error} Thrown by what is returned, when the scenario broke down in the client; with the client's own words.
 */
export function scenariosOf(
  client: ThirdParty,
  transport: Transport,
  ours: OurServer = taskServer,
): (name: string) => Readonly<Record<string, unknown>> {
  const seen = new Map<string, Line>()
  let complaints = ''
  beforeAll(async () => {
    const server = transport === 'http' ? await startTaskServer('http', ours) : undefined
    try {
      const target = server === undefined ? [ours.command, ...ours.args] : [server.url]
      const run = execute(client.command, [...(client.args[transport] ?? []), ...target], limits)
      // A script that broke off has still told of what came before.
      const { stdout, stderr } = await run.catch((error: unknown) => error as { stdout: string; stderr: string })
      complaints = stderr
      for (const line of stdout.split('\n').filter((text) => text !== '')) {
        const told = JSON.parse(line) as Line
        seen.set(told.scenario, told)
      }
    } finally {
      await server?.stop()
    }
  }, limits.timeout + 30_000)
  return (name) => {
    const told = seen.get(name)
    if (told === undefined) throw new Error(`${client.name} did not get as far as ${name}: ${complaints}`)
    if (!told.ok) throw new Error(`${client.name} broke down in ${name}: ${String(told['error'])}`)
    return told
  }
}

const execute = promisify(execFile)

const limits = { timeout: 180_000, maxBuffer: 16 << 20 }

interface Line extends Readonly<Record<string, unknown>> {
  readonly scenario: string
  readonly ok: boolean
}

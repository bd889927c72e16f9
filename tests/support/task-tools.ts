/** The server of `task-tools.mjs` on every wire, and raw peers that are connected to it. */
import { resolve } from 'node:path'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { serveHttp, serveTransport, type HttpOptions, type TasksOptions } from '@longcall/server'
import { expect, onTestFinished } from 'vitest'
import { createTaskTools } from '../peers/task-tools.mjs'
import { RawSession, type RawOptions, type RawTarget } from './raw-session.ts'
import { rawHttp, rawMemory, rawStdio, type RawHttpOptions } from './raw-wires.ts'
import { faults } from './wire-oracle.ts'

type TaskTools = ReturnType<typeof createTaskTools>

/** Connects a raw peer; when the test is over, all that it got must meet the official schemas. */
export type Connect = (options?: RawOptions & RawHttpOptions) => Promise<RawSession>

/** A server that runs in this process. */
export interface ServedTools extends TaskTools {
  readonly connect: Connect
}

export interface ServedHttp extends ServedTools {
  readonly url: string
}

type Settings = Parameters<typeof createTaskTools>[1]

/** For `describe.each`: one raw peer on each wire. What has to reach into the server takes one of the others. */
export const wires: readonly { readonly wire: string; readonly connect: Connect }[] = [
  { wire: 'memory', connect: (options) => serveMemory().connect(options) },
  { wire: 'HTTP', connect: async (options) => (await serveTools()).connect(options) },
  { wire: 'stdio', connect: (options) => connected(rawStdio(process.execPath, [stdioServer]), options) },
]

/** The pipes: everything comes on one stream, in one order. */
export const pipes: typeof wires = wires.filter(({ wire }) => wire !== 'HTTP')

/** Serves on in-memory pairs: each connection is one. */
export function serveMemory(options: TasksOptions = {}, settings: Settings = {}): ServedTools {
  const tools = createTaskTools(options, settings)
  onTestFinished(() => tools.tasks.close({ graceMs: 0 }))
  return {
    ...tools,
    connect: (rawOptions) => {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      const pipe = serveTransport(tools.factory, theirs, { tasks: tools.tasks })
      onTestFinished(() => pipe.close())
      return connected(rawMemory(ours), rawOptions)
    },
  }
}

/** Serves on HTTP. */
export async function serveTools(
  options: TasksOptions = {},
  http: Partial<HttpOptions> = {},
  settings: Settings = {},
): Promise<ServedHttp> {
  const tools = createTaskTools(options, settings)
  const endpoint = await serveHttp(tools.factory, { port: 0, ...http, tasks: tools.tasks })
  onTestFinished(() => endpoint.close({ graceMs: 0 }))
  return {
    ...tools,
    url: endpoint.url,
    connect: (rawOptions) => connected(rawHttp(endpoint.url, rawOptions), rawOptions),
  }
}

/** A raw peer that is watched and closed. */
export async function connected(target: RawTarget, options?: RawOptions): Promise<RawSession> {
  const session = await RawSession.connect(target, options)
  onTestFinished(async () => {
    await session.close()
    expect(faults(session), 'what no schema accepts').toEqual([])
  })
  return session
}

/** What a form is answered with. */
export const accepted = (name: string): Readonly<Record<string, unknown>> => ({ action: 'accept', content: { name } })

const stdioServer = resolve(import.meta.dirname, '../peers/tasks-stdio.mjs')

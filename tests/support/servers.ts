/** The same server on every transport and in both generations, so that one test can be run on each. */
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { Client, type ClientOptions, type Generation, type Target } from '@longcall/client'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { createDualPeer, serveDualHttp, type DualOptions, type DualPeer } from '../peers/dual-server.mjs'
import { buildV1Server, serveV1Http, type V1Options } from '../peers/v1-server.mjs'

/** Which server, how it is reached, and what it is spoken to. */
export interface Setting {
  readonly peer: 'v1' | 'dual'
  readonly transport: 'memory' | 'stdio' | 'http'
  readonly generation: Generation
}

/** A tool of one server, and what it says in the end. */
export interface Job {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly says: string
}

const transports = ['memory', 'stdio', 'http'] as const

const all: readonly Setting[] = [
  ...transports.map((transport) => ({ peer: 'v1', transport, generation: '2025-11-25' }) as const),
  ...transports.map((transport) => ({ peer: 'dual', transport, generation: '2025-11-25' }) as const),
  ...transports.map((transport) => ({ peer: 'dual', transport, generation: '2026-07-28' }) as const),
]

/** For `describe.each`: the settings that fit, each under a name that says which it is. */
export function settings(fit: Partial<Setting> = {}): { name: string; setting: Setting }[] {
  const wanted = Object.entries(fit)
  return all
    .filter((setting) => wanted.every(([key, value]) => setting[key as keyof Setting] === value))
    .map((setting) => ({ name: `${setting.peer} server, ${setting.generation}, ${setting.transport}`, setting }))
}

/** What the server at hand offers for what a test wants done. */
export function jobs({ peer }: Setting): Record<'slow' | 'asks' | 'asksTwice' | 'toolError' | 'must' | 'typed', Job> {
  if (peer === 'v1') {
    return {
      slow: { tool: 'sleep', args: { ms: 150 }, says: 'slept' },
      asks: { tool: 'ask', args: {}, says: 'hello Ann' },
      asksTwice: { tool: 'ask_twice', args: {}, says: 'hello Ann Ann' },
      toolError: { tool: 'toolerr', args: {}, says: 'disk full: 42 bytes left' },
      must: { tool: 'required_sleep', args: { ms: 50 }, says: 'slept' },
      typed: { tool: 'typed', args: {}, says: '{"n":7}' },
    }
  }
  return {
    slow: { tool: 'slow', args: { ms: 150, label: 'it' }, says: 'done it' },
    asks: { tool: 'confirm', args: { filename: 'f' }, says: 'deleted f by Ann' },
    asksTwice: { tool: 'two_rounds', args: {}, says: 'Ann/Ann' },
    toolError: { tool: 'failing_job', args: {}, says: 'disk full: 42 bytes left' },
    must: { tool: 'required_job', args: {}, says: 'required job done' },
    typed: { tool: 'typed', args: {}, says: '{"n":7}' },
  }
}

/** A server that runs, and clients of it; all of it is closed when the test is over. */
export interface Served {
  /** What a client that is new to the server connects to. */
  target(): Target
  connect(options?: ClientOptions): Promise<Client>
  /** To look and reach into; only where the server is the dual one, in this process. */
  readonly dual: DualPeer
}

/** Starts the server of a setting, for the test that runs now. */
export async function serve(setting: Setting, options: DualOptions & V1Options = {}): Promise<Served> {
  const { target, dual, close } = await start(setting, options)
  const clients: Client[] = []
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close({ force: true })))
    await close()
  })
  return {
    target,
    connect: async (clientOptions = {}) => {
      const client = await Client.connect(target(), { era: eraOf(setting), ...clientOptions })
      clients.push(client)
      return client
    },
    get dual() {
      if (dual === undefined) throw new Error('this server cannot be looked into')
      return dual
    },
  }
}

/** The era to insist on: to find out costs a start of the server on stdio, and has tests of its own. */
export function eraOf({ generation }: Setting): NonNullable<ClientOptions['era']> {
  return generation === '2026-07-28' ? '2026-07-28' : 'legacy'
}

interface Started {
  readonly target: () => Target
  readonly dual?: DualPeer
  readonly close: () => Promise<void>
}

async function start({ peer, transport }: Setting, options: DualOptions & V1Options): Promise<Started> {
  if (transport === 'stdio') return startStdio(peer, options)
  if (transport === 'http') {
    const server = peer === 'v1' ? await serveV1Http(0, options) : await serveDualHttp(0, options)
    return { target: () => server.url, ...('control' in server && { dual: server }), close: server.close }
  }
  if (peer === 'dual') {
    const dual = createDualPeer(options)
    return { target: () => pairedWith((theirs) => void dual.serve(theirs)), dual, close: dual.close }
  }
  const first = buildV1Server(options)
  const built = [first]
  const target = (): Target => () => {
    const next = buildV1Server({ ...options, store: first.store, queue: first.queue })
    built.push(next)
    return next.server
  }
  return {
    target,
    close: async () => {
      await Promise.all(built.map((server) => server.close()))
    },
  }
}

function startStdio(peer: Setting['peer'], { pollIntervalMs, pollInterval }: DualOptions & V1Options): Started {
  const interval = pollIntervalMs ?? pollInterval
  const target: Target = {
    command: process.execPath,
    args: [resolve(import.meta.dirname, `../peers/${peer}-stdio.mjs`)],
    stderr: 'ignore',
    ...(interval !== undefined && { env: { POLL_INTERVAL: String(interval) } }),
  }
  return { target: () => target, close: () => Promise.resolve() }
}

function pairedWith(take: (theirs: InMemoryTransport) => void): InMemoryTransport {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  take(theirs)
  return ours
}

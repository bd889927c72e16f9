/** Servers and clients that nobody here wrote. One that is missing is said aloud; where all are demanded, it fails. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { Client, type ClientOptions, type Target } from '@longcall/client'
import { freePort, LISTENING, startProcess } from './spawn-peer.ts'

/** A third-party server or client, and how it is started for each transport that it has. */
export interface ThirdParty {
  readonly name: string
  /** Is there when the peer is. */
  readonly file: string
  readonly command: string
  readonly args: Partial<Record<Transport, readonly string[]>>
  /** The variable that takes the port of its HTTP server; absent where it picks one itself and says which. */
  readonly portVariable?: string
}

export type Transport = 'stdio' | 'http'

const root = resolve(import.meta.dirname, '../..')
const installed = (path: string): string => join(root, 'node_modules/@modelcontextprotocol', path)

/** The reference server of the protocol's authors, on the TypeScript SDK v1. */
export const everything: ThirdParty = {
  name: 'server-everything',
  file: installed('server-everything/dist/index.js'),
  command: process.execPath,
  args: {
    stdio: [installed('server-everything/dist/index.js'), 'stdio'],
    http: [installed('server-everything/dist/index.js'), 'streamableHttp'],
  },
  portVariable: 'PORT',
}

/** An example that comes with the TypeScript SDK v1; HTTP only. */
export function sdkExample(name: string, portVariable: string): ThirdParty {
  const file = installed(`sdk/dist/esm/examples/server/${name}.js`)
  return { name, file, command: process.execPath, args: { http: [file] }, portVariable }
}

/** A server or client of a few lines on a Python framework, which `tests/interop/setup.sh` installs. */
export function pythonPeer(name: string, environment: string, script: string): ThirdParty {
  const program = join(root, 'tests/interop/peers', script)
  return {
    name,
    file: join(root, '.venv', environment, 'stamp'),
    command: join(root, '.venv', environment, 'bin/python'),
    args: { stdio: [program, 'stdio'], http: [program, 'http'] },
  }
}

/**
 * Whether the tests of a peer must be skipped; says aloud what then goes `unchecked`.
 *
 * @throws {Error} Thrown when the peer is missing and LONGCALL_INTEROP_REQUIRE=1 demands them all.
 */
export function isMissing(peer: ThirdParty, unchecked: string): boolean {
  if (existsSync(peer.file)) return false
  const lost = `${peer.name} is missing (no ${peer.file}); see tests/interop/setup.sh. Not checked: ${unchecked}.`
  if (process.env['LONGCALL_INTEROP_REQUIRE'] === '1') throw new Error(lost)
  process.stderr.write(`\n!!! ${lost}\n\n`)
  return true
}

/**
 * The server for all tests of the suite that calls this; over stdio, each client starts one of its own. Clients are closed
 * when the suite is over, so that its tests may run side by side: the servers take their time.
 */
export function sharedPeer(peer: ThirdParty, transport: Transport): SharedPeer {
  let server: { url: string; stop: () => Promise<void> } | undefined
  const clients: Client[] = []
  beforeAll(async () => {
    if (transport === 'http') server = await startHttp(peer)
  }, 90_000)
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await server?.stop()
  })
  const target = (): Target => server?.url ?? { command: peer.command, args: peer.args.stdio ?? [], stderr: 'ignore' }
  return {
    get url() {
      if (server === undefined) throw new Error(`${peer.name} is not served over HTTP`)
      return server.url
    },
    connect: async (options = {}, other = target()) => {
      const client = await Client.connect(other, { connectTimeoutMs: 60_000, ...options })
      clients.push(client)
      return client
    },
  }
}

/** A server that runs for a suite. */
export interface SharedPeer {
  /** Where it is, over HTTP. */
  readonly url: string
  /** A client of the server, or of what stands before it, which is closed when the suite is over. */
  connect(options?: ClientOptions, other?: Target): Promise<Client>
}

async function startHttp(peer: ThirdParty): Promise<{ url: string; stop: () => Promise<void> }> {
  const { command, portVariable } = peer
  const options = { command, args: peer.args.http ?? [], timeoutMs: 60_000 }
  if (portVariable === undefined) {
    const started = await startProcess(options, LISTENING)
    return { url: started.url ?? '', stop: () => started.stop() }
  }
  const port = String(await freePort())
  const ready = /listening|running on|Starting server on/i
  const started = await startProcess({ ...options, env: { [portVariable]: port } }, ready)
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => started.stop() }
}

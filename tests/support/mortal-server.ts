/** A server that a test kills and starts again, on either transport, and what its lives have written down. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished, type TestContext } from 'vitest'
import { Client, type ClientOptions, type StdioTarget, type Target } from '@longcall/client'
import { Journal, type Entry } from '../peers/recovery/journal.mjs'
import { LISTENING, startProcess, type RunningProcess } from './spawn-peer.ts'

/** Which server, and what it is spoken to. */
export interface MortalSetting {
  readonly peer: 'v1' | 'v2' | 'longcall'
  readonly transport: 'stdio' | 'http'
  readonly era: 'legacy' | '2026-07-28'
}

const script = resolve(import.meta.dirname, '../peers/recovery/server.mjs')

const all: readonly MortalSetting[] = (['stdio', 'http'] as const).flatMap((transport) => [
  { peer: 'v1', transport, era: 'legacy' } as const,
  { peer: 'v2', transport, era: 'legacy' } as const,
  { peer: 'v2', transport, era: '2026-07-28' } as const,
  { peer: 'longcall', transport, era: 'legacy' } as const,
  { peer: 'longcall', transport, era: '2026-07-28' } as const,
])

/** For `describe.each`: the settings that fit, each under a name that says which it is. */
export function mortalSettings(fit: Partial<MortalSetting> = {}): { name: string; setting: MortalSetting }[] {
  return all
    .filter((setting) => Object.entries(fit).every(([key, value]) => setting[key as keyof MortalSetting] === value))
    .map((setting) => ({ name: `${setting.peer} server, ${setting.era}, ${setting.transport}`, setting }))
}

/** A server, alive or not, and clients of it; all of it is gone when the test is over. */
export class MortalServer {
  readonly #setting: Pick<MortalSetting, 'peer' | 'transport'>
  readonly #env: Readonly<Record<string, string>>
  readonly #folder = mkdtempSync(join(tmpdir(), 'longcall-mortal-'))
  readonly #journal = new Journal(join(this.#folder, 'journal'))
  readonly #clients: Client[] = []
  #running: RunningProcess | undefined
  #url = ''

  private constructor(setting: Pick<MortalSetting, 'peer' | 'transport'>, env: Readonly<Record<string, string>>) {
    this.#setting = setting
    this.#env = env
    writeFileSync(join(this.#folder, 'journal'), '')
  }

  /**
   * Starts one, for the test that runs now; over stdio, a client does. `env` is what `server.mjs` tells of; the paths in it are
   * those of a folder that the lives of the server share. Tests that run side by side say when they have `finished`.
   */
  static async start(
    setting: Pick<MortalSetting, 'peer' | 'transport'>,
    env: Readonly<Record<string, string>> = {},
    finished: TestContext['onTestFinished'] = onTestFinished,
  ): Promise<MortalServer> {
    const server = new MortalServer(setting, { JOURNAL: 'journal', DOOR: 'door', ...env })
    finished(async () => {
      await Promise.all(server.#clients.map((client) => client.close({ force: true })))
      await server.#running?.stop()
      rmSync(server.#folder, { recursive: true })
    })
    if (setting.transport === 'http') await server.rise()
    return server
  }

  /** Starts a server over HTTP again, where it was. */
  async rise(): Promise<void> {
    const { port } = this.#url === '' ? { port: '0' } : new URL(this.#url)
    const env = { ...this.#env, PORT: port }
    const args = [script, this.#setting.peer, 'http']
    this.#running = await startProcess({ command: process.execPath, args, cwd: this.#folder, env }, LISTENING)
    this.#url = this.#running.url ?? ''
  }

  /** Kills the latest life of the server; resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.#running !== undefined) return this.#running.stop()
    const { pid } = this.lives.at(-1)!
    process.kill(pid, 'SIGKILL')
    // There is no event of a process that is another's child.
    while (isAlive(pid)) await sleep(5)
  }

  /** Kills it, and starts it again; over stdio, a client does that. */
  async restart(): Promise<void> {
    await this.kill()
    if (this.#setting.transport === 'http') await this.rise()
  }

  /** Where it listens; empty over stdio. */
  get url(): string {
    return this.#url
  }

  /** What a client connects to. */
  get target(): Target {
    if (this.#setting.transport === 'http') return this.#url
    const stdio: StdioTarget = {
      command: process.execPath,
      args: [script, this.#setting.peer, 'stdio'],
      cwd: this.#folder,
      env: this.#env,
      stderr: 'ignore',
    }
    return stdio
  }

  async connect(options: ClientOptions = {}): Promise<Client> {
    const client = this.client(options)
    await client.connect()
    return client
  }

  /** A client that is not connected. */
  client(options: ClientOptions = {}): Client {
    const client = new Client(this.target, options)
    this.#clients.push(client)
    return client
  }

  /** Lets the task `job` end. */
  openDoor(): void {
    writeFileSync(join(this.#folder, 'door'), '')
  }

  /** The starts of the server. */
  get lives(): readonly Entry[] {
    return this.#journal.read().filter(({ kind }) => kind === 'start')
  }

  /** The methods of the requests that reached the server, all of its lives, or those after the first few. */
  requests(method?: string): readonly string[] {
    const requests = this.#journal.read().flatMap((entry) => (entry.kind === 'request' ? [entry.method] : []))
    return method === undefined ? requests : requests.filter((each) => each === method)
  }

  /** The ids of the requests of a method that reached the server, all of its lives. */
  ids(method: string): readonly (string | number)[] {
    return this.#journal
      .read()
      .flatMap((entry) => (entry.kind === 'request' && entry.method === method ? [entry.id ?? ''] : []))
  }

  /** How often a tool was run, by all lives of the server. */
  runs(tool: string): number {
    return this.#journal.read().filter((entry) => entry.kind === 'run' && entry.tool === tool).length
  }

  /** Those of its lives that have not ended. */
  get living(): readonly number[] {
    return this.lives.map(({ pid }) => pid).filter(isAlive)
  }
}

/** Nobody may collect a process that has ended; it is dead all the same. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Servers over stdio that misbehave as processes, and what is left of them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client, type ClientOptions } from '@modelcontextprotocol/client'
import type { StdioTarget } from '@longcall/client'
import type { TestContext } from 'vitest'
import { stdioTarget } from '../../packages/client/src/target/stdio-target.ts'
import type { StdioTransport } from '../../packages/client/src/transport/stdio/stdio-transport.ts'

/** A script of `tests/peers/stdio`. */
export const stdioPeer = (script: string): string => resolve(import.meta.dirname, '../peers/stdio', script)

export const everythingServer: string = resolve(
  import.meta.dirname,
  '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js',
)

/** The server by hand, with these flags. */
export function serverByHand(...flags: readonly string[]): { command: string; args: string[] } {
  return { command: process.execPath, args: [stdioPeer('server.mjs'), ...flags] }
}

/** A transport of a target that is not started; it is closed when the test is over. */
export async function openTransport(
  context: Pick<TestContext, 'onTestFinished'>,
  target: StdioTarget,
): Promise<StdioTransport> {
  const transport = (await stdioTarget({ stderr: 'ignore', ...target }).open()) as StdioTransport
  context.onTestFinished(() => transport.close())
  return transport
}

/** The SDK's client on such a transport, connected. */
export async function connectSdk(
  context: Pick<TestContext, 'onTestFinished'>,
  target: StdioTarget,
  options: ClientOptions = {},
): Promise<{ client: Client; transport: StdioTransport; call: (name: string, args?: object) => Promise<string> }> {
  const transport = await openTransport(context, target)
  const client = new Client({ name: 'test', version: '1.0.0' }, options)
  await client.connect(transport)
  const call = async (name: string, args: object = {}): Promise<string> => {
    const { content } = await client.callTool({ name, arguments: { ...args } })
    return content[0]?.type === 'text' ? content[0].text : ''
  }
  return { client, transport, call }
}

/** Where servers write down their pids, and who of them lives. */
export class PidFile {
  readonly path: string

  constructor(context: Pick<TestContext, 'onTestFinished'>) {
    const folder = mkdtempSync(join(tmpdir(), 'longcall-pids-'))
    context.onTestFinished(() => rmSync(folder, { recursive: true }))
    this.path = join(folder, 'pids')
    writeFileSync(this.path, '')
  }

  /** Those that were written down. */
  get pids(): number[] {
    return readFileSync(this.path, 'utf8').trim().split('\n').filter(Boolean).map(Number)
  }

  /** Those of them that live, and whoever lives in the process groups that they were in, such as their guard. */
  living(groups: readonly number[] = []): string[] {
    const pids = new Set(this.pids)
    return processes()
      .filter(({ pid, group }) => pids.has(pid) || groups.includes(group))
      .map(({ pid, command }) => `${pid} ${command}`)
  }

  /** The process groups of those that live. */
  get groups(): number[] {
    const pids = new Set(this.pids)
    return [...new Set(processes().flatMap(({ pid, group }) => (pids.has(pid) ? [group] : [])))]
  }
}

/** All processes of this machine but those that have ended and wait to be collected. */
function processes(): { pid: number; group: number; command: string }[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,stat=,args='], { encoding: 'utf8' })
  return listed.split('\n').flatMap((line) => {
    const [, pid, group, state = 'Z', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return state.startsWith('Z') ? [] : [{ pid: Number(pid), group: Number(group), command: command.slice(0, 80) }]
  })
}

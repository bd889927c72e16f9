/*
 * MCP Inspector, the client that people try servers with: its CLI, of which each run is one call, and its `mcpdo`, which
 * holds a connection between calls. Both make tasks of calls by themselves, in both generations. Their tasks stand on
 * `@modelcontextprotocol/ext-tasks`, which never fetches the question of a 2025-11-25 task: there it waits for ever.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isMissing, type ThirdParty, type Transport } from '../support/third-party.ts'
import { startTaskServer, taskServer, taskSupport } from './foreign-clients.ts'

const installed = resolve(import.meta.dirname, '../../.venv/inspector')
const clients = join(installed, 'node_modules/@modelcontextprotocol/inspector/clients')

const inspector: ThirdParty = {
  name: 'MCP Inspector',
  file: join(installed, 'stamp'),
  command: join(installed, 'node'),
  args: {},
}

const eras = [
  { generation: '2025-11-25', era: 'legacy' },
  { generation: '2026-07-28', era: 'modern' },
] as const

describe.skipIf(isMissing(inspector, 'our server, to the tool that people try servers with'))('MCP Inspector', () => {
  const environment = ownEnvironment()

  describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
    const target = targetOver(transport)

    describe.each(eras)('on $generation, its CLI', ({ era }) => {
      const cli = (...args: string[]): Promise<Ran> =>
        run(environment(), 'launcher/build/index.js', ['--cli', '--protocol-era', era, ...target(), ...args])
      const call = (tool: string, args: object = {}): Promise<Ran> =>
        cli('--method', 'tools/call', '--tool-name', tool, '--tool-args-json', JSON.stringify(args), '--format', 'json')

      test('lists every tool, and on 2025-11-25 whether it may be a task', async () => {
        const { out } = await cli('--method', 'tools/list', '--format', 'json')
        const { tools } = (out as { result: { tools: ListedTool[] } }).result
        expect(tools.map(({ name }) => name).toSorted()).toEqual(Object.keys(taskSupport))
        const support = tools.map(({ name, execution }) => [name, execution?.taskSupport ?? 'forbidden'])
        if (era === 'legacy') expect(Object.fromEntries(support)).toEqual(taskSupport)
      })

      test('calls a tool that may be a task, one that must be, and one that never is', async () => {
        expect((await call('sleep', { ms: 100 })).out).toMatchObject({ result: saying('slept') })
        expect((await call('required_sleep', { ms: 100 })).out).toMatchObject({ result: saying('slept') })
        expect((await call('plain_add', { a: 1, b: 2 })).out).toMatchObject({ result: saying('3') })
      })

      test('gets a structured result', async () => {
        expect((await call('typed')).out).toMatchObject({ result: { structuredContent: { n: 7 } } })
      })

      test('gets the error of a tool as its result, and a JSON-RPC error as an error', async () => {
        const failed = { ...saying('disk full: 42 bytes left'), isError: true }
        expect((await call('toolerr')).out).toMatchObject({ result: failed })
        expect((await call('protocol_error')).err).toContain('kaboom')
      })
    })

    describe('its mcpdo', () => {
      const mcpdo = (...args: string[]): Promise<Ran> =>
        run(environment(), 'mcpdo/build/mcp-bin.js', ['--format', 'json', ...args])
      afterAll(async () => {
        await mcpdo('daemon', 'stop')
      })

      const connect = async (era: string): Promise<typeof mcpdo> => {
        const { out } = await mcpdo('connect', '--era', era, '--', ...target())
        expect(out).toMatchObject({ protocolEra: era })
        const { name } = out as { name: string }
        return (...args) => mcpdo('--connection', name, ...args)
      }

      test('answers the question of a 2026-07-28 task with a second command', async () => {
        const on = await connect('modern')
        const { out } = await on('tools/call', 'ask')
        expect(out).toMatchObject({ elicitationPending: { message: 'name?', origin: 'task-input-required' } })
        const { elicitationId } = (out as { elicitationPending: { elicitationId: string } }).elicitationPending
        expect((await on('elicitation/respond', elicitationId, 'name:=Ann')).out).toMatchObject(saying('hello Ann'))
      })

      if (transport === 'stdio')
        test('lists a task of 2025-11-25, and fetches its result by its id', async () => {
          const on = await connect('legacy')
          expect((await on('tools/call', 'sleep', 'ms:=50', '--task')).out).toMatchObject(saying('slept'))
          const { tasks } = (await on('tasks/list')).out as { tasks: { taskId: string }[] }
          expect(tasks).toMatchObject([{ status: 'completed' }])
          const { taskId } = tasks[0]!
          expect((await on('tasks/get', taskId)).out).toMatchObject({ task: { taskId, status: 'completed' } })
          expect((await on('tasks/result', taskId)).out).toMatchObject(saying('slept'))
          expect((await on('tasks/cancel', taskId)).err).toContain('error')
        })
    })
  })
})

interface ListedTool {
  readonly name: string
  readonly execution?: { readonly taskSupport?: string }
}

/** Where the server is, in the words of Inspector: a command or a URL. */
function targetOver(transport: Transport): () => readonly string[] {
  if (transport === 'stdio') return () => [taskServer.command, ...taskServer.args]
  let server: { url: string; stop: () => Promise<void> }
  beforeAll(async () => {
    server = await startTaskServer()
  })
  afterAll(() => server.stop())
  return () => [server.url]
}

/** A home of its own, so that nobody's settings and secrets are read or written, and a daemon that no one else talks to. */
function ownEnvironment(): () => Readonly<Record<string, string>> {
  let home = ''
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'inspector-'))
  })
  afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
  const MCP_INSPECTOR_DAEMON_TOKEN = randomUUID()
  return () => ({
    HOME: home,
    MCP_INSPECTOR_DAEMON_DIR: join(home, 'daemon'),
    MCP_INSPECTOR_DAEMON_TOKEN,
    MCP_INSPECTOR_SECRET_STORE: 'file',
  })
}

interface Ran {
  /** What it printed, as JSON. */
  readonly out: unknown
  readonly err: string
}

async function run(
  environment: Readonly<Record<string, string>>,
  program: string,
  args: readonly string[],
): Promise<Ran> {
  const env = { ...process.env, ...environment }
  return new Promise((settle, reject) => {
    const options = { env, timeout: 60_000, maxBuffer: 16 << 20 }
    const child = execFile(inspector.command, [join(clients, program), ...args], options, (error, stdout, stderr) => {
      // It says by its exit code that a tool failed, which is none of its own failures.
      if (error !== null && error.killed === true) return reject(error)
      settle({ out: stdout.trim() === '' ? undefined : (JSON.parse(stdout) as unknown), err: stderr })
    })
    child.stdin?.end()
  })
}

const saying = (text: string) => ({ content: [{ type: 'text', text }] })

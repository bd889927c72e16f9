/** Processes that are killed while a client answers a server in a task of its own. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { Client } from '@longcall/client'
import { serveHttp } from '@longcall/server'
import { expect, onTestFinished, test } from 'vitest'
import { createAskingTools } from '../../peers/asking-tools.mjs'
import { expectSoon, gate, textOf } from '../../support/answering.ts'
import { plainServer } from '../../support/raw-modern.ts'
import { freePort, LISTENING, startProcess, type RunningProcess } from '../../support/spawn-peer.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'longcall-hosting-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** Runs the client until it ends, and gives what it printed and the signal that killed it. */
async function runClient(url: string, place: string, point?: string): Promise<{ said: string; killedBy: unknown }> {
  const script = resolve(import.meta.dirname, '../../peers/hosting-client.mjs')
  const args = [script, url, place, ...(point === undefined ? [] : [point])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = text(child.stdout)
  const [, killedBy] = (await once(child, 'exit')) as [unknown, unknown]
  return { said: await said, killedBy }
}

test.each([
  ['before its task is stored', 'create:before', 1],
  ['once its task is stored', 'create:after', 1],
  ['before the task is begun', 'claim:before', 1],
  ['once the task is begun', 'claim:after', 1],
  ['while a person is asked', 'asked', 2],
  ['before the answer is stored', 'end:before', 2],
  ['once the answer is stored', 'end:after', 1],
] as const)(
  'a client that is killed %s (%s) goes on in the next process, and the person is asked %i times in all',
  async (_, point, times) => {
    const tasks = createAskingTools()
    const endpoint = await serveHttp(plainServer, { tasks, port: 0 })
    onTestFinished(async () => {
      await endpoint.close({ graceMs: 0 })
      await tasks.close({ graceMs: 0 })
    })
    const place = await folder()
    expect(await runClient(endpoint.url, place, point)).toEqual({ said: '', killedBy: 'SIGKILL' })
    expect(await runClient(endpoint.url, place)).toEqual({ said: 'result: hello Ann\n', killedBy: null })
    expect(readFileSync(join(place, 'asked'), 'utf8')).toBe('Who are you?\n'.repeat(times))
  },
)

test('a server that is killed while its client is at work asks again when it is back, and nobody is asked twice', async () => {
  const place = await folder()
  const port = await freePort()
  const script = resolve(import.meta.dirname, '../../peers/asking-http.mjs')
  const start = (): Promise<RunningProcess> =>
    startProcess({ command: process.execPath, args: [script, String(port), join(place, 'tasks.db')] }, LISTENING)
  const first = await start()
  const { open, opened } = gate()
  let asked = 0
  const client = await Client.connect(first.url!, {
    era: 'legacy',
    hostTasks: {
      pollIntervalMs: 20,
      onElicitation: async () => {
        asked += 1
        await opened
        return { name: 'Ann' }
      },
    },
  })
  onTestFinished(() => client.close())
  const task = await client.callTool('name_as_task', {}, { task: true })
  const result = task.result()
  await expectSoon(() => asked).toBe(1)
  await first.stop()
  const second = await start()
  onTestFinished(() => second.stop())
  await task.wait({ until: 'input_required' })
  open()
  expect(textOf(await result)).toBe('hello Ann')
  expect(asked).toBe(1)
})

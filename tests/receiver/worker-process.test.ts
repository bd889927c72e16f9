/** A server and a worker on one file: the one takes calls, the other executes. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createTasks, type Tasks } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'

const script = fileURLToPath(new URL('peers/worker.mjs', import.meta.url))

async function start(): Promise<{ tasks: Tasks; worker: ChildProcess; said: (name: string) => Promise<unknown> }> {
  const folder = await mkdtemp(join(tmpdir(), 'longcall-worker-'))
  const file = join(folder, 'tasks.db')
  // Its one place is taken: whatever comes next is the worker's.
  const tasks = createTasks({ backend: sqlite(file, { concurrency: 1 }) })
  tasks.registerTool(
    'busy',
    {},
    (_args, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
  )
  tasks.registerTool('work', { onCrash: 'rerun' }, () => 'done here')
  await tasks.start('busy', {}, { owner: '' })
  const worker = fork(script, [file], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const messages: Record<string, unknown>[] = []
  worker.on('message', (message) => void messages.push(message as Record<string, unknown>))
  const said = async (name: string): Promise<unknown> => {
    for (;;) {
      const message = messages.find((each) => name in each)
      if (message !== undefined) return message[name]
      await once(worker, 'message')
    }
  }
  onTestFinished(async () => {
    const gone = worker.exitCode === null && worker.signalCode === null ? once(worker, 'exit') : undefined
    worker.kill('SIGKILL')
    await gone
    await tasks.close({ graceMs: 0 })
    await rm(folder, { recursive: true })
  })
  await said('open')
  return { tasks, worker, said }
}

test('a worker runs what a server has no place for, and the server hears of its end', async () => {
  const { tasks, worker, said } = await start()
  const { id } = await tasks.start('work', {}, { owner: '' })
  expect(await said('begun')).toBe(id)
  worker.send('go')
  const ended = await tasks.runtime.until(id, (task) => (task?.status === 'completed' ? task : undefined))
  expect(ended.outcome).toMatchObject({ result: { content: [{ text: 'done elsewhere' }] } })
})

test('cancelling in one process aborts the body in another, before its next heartbeat', async () => {
  const { tasks, said } = await start()
  const { id } = await tasks.start('work', {}, { owner: '' })
  await said('begun')
  await tasks.cancel(id)
  expect(await said('aborted')).toBe('task_cancelled')
})

test('a worker that is closed hands back what it runs, and ends by itself', async () => {
  const { tasks, worker, said } = await start()
  const { id } = await tasks.start('work', {}, { owner: '' })
  await said('begun')
  worker.kill('SIGTERM')
  worker.send('go')
  expect(await once(worker, 'exit')).toEqual([0, null])
  expect(await tasks.get(id)).toMatchObject({ status: 'completed', attempt: 1 })
})

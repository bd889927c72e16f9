import { expect, test } from 'vitest'
import { createHandler, createTasks, serveHttp, serveTransport, type Tasks } from '@longcall/server'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { plainServer } from '../support/raw-modern.ts'

function echoing(): Tasks {
  const tasks = createTasks()
  tasks.registerTool('echo', {}, ({ text }) => String(text))
  return tasks
}

test('tasks that were disposed of take no more', async () => {
  const tasks = echoing()
  {
    await using _ended = tasks
    await tasks.open()
  }
  await expect(tasks.start('echo', {})).rejects.toThrow('shutting down')
})

test('an endpoint that was disposed of is gone, and so are its tasks', async () => {
  const tasks = echoing()
  let url: string
  {
    await using http = await serveHttp(plainServer, { tasks, port: 0 })
    url = http.url
    expect((await fetch(url, { method: 'DELETE' })).status).toBeGreaterThanOrEqual(400)
  }
  await expect(fetch(url)).rejects.toThrow('fetch failed')
  await expect(tasks.start('echo', {})).rejects.toThrow('shutting down')
})

test('a handler and a pipe that were disposed of leave the tasks alone', async () => {
  await using tasks = echoing()
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const closed = new Promise<void>((resolve) => {
    ours.onclose = resolve
  })
  {
    await using _handler = createHandler(plainServer, { tasks })
    await using _pipe = serveTransport(plainServer, theirs, { tasks })
    await ours.start()
  }
  await closed
  expect(await tasks.start('echo', { text: 'x' })).toMatchObject({ status: 'working' })
})

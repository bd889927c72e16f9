import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, textOf } from '../support/answering.ts'
import { gaps, mishaps, oddities, startServer, useLab, type ServerProcess } from '../support/fault-lab.ts'

// A question is in the task's state, by poll or push, and its answer a request of its own: tasks/update.
let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

const generation = '2026-07-28'

describe('the answer to a question', () => {
  test.concurrent.for([...mishaps('tasks/update'), ...oddities('tasks/update')])(
    'that $name is sent until it is there, and nobody is asked again',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const { asked, onElicitation } = ann()
      const client = await lab.connect({ onElicitation })
      lab.proxy.setRules([rule])
      const task = await client.callTool('two_rounds', {}, { task: true })
      expect(textOf(await task.result())).toBe('Ann/Ann')
      expect(lab.hurt()).toBe(true)
      expect(asked).toEqual(['round 1?', 'round 2?'])
    },
  )

  test.concurrent('keeps to the time that the server asked for', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect({ ...ann() })
    const match = { method: 'tasks/update', direction: 'request' } as const
    lab.proxy.setRules([{ match, fault: 'status', status: 503, headers: { 'retry-after': '1' } }])
    expect(textOf(await client.callTool('confirm', { filename: 'f' }))).toBe('deleted f by Ann')
    expect(gaps(lab.times('tasks/update'))[0]).toBeGreaterThanOrEqual(990)
  })

  test.concurrent('is given once to a server that shows the question for a while after', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const { asked, onElicitation } = ann()
    const client = await lab.connect({ onElicitation })
    lab.proxy.setRules([{ match: { method: 'tasks/update', direction: 'request' }, fault: 'drop-response' }])
    const task = await client.callTool('stale_key', {}, { task: true })
    expect(textOf(await task.result())).toBe('stale Ann')
    expect(asked).toHaveLength(1)
  })
})

describe('the state that shows a question', () => {
  test.concurrent.for([...mishaps('tasks/get'), ...oddities('tasks/get'), ...oddities('notifications/tasks')])(
    'that $name costs nobody a second look',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const asked: string[] = []
      const client = await lab.connect({
        onElicitation: ({ message }) => {
          asked.push(message)
          return { action: 'accept', content: { name: message } }
        },
      })
      lab.proxy.setRules([rule])
      const task = await client.callTool('multi', {}, { task: true })
      expect(textOf(await task.result())).toBe('first?+second?')
      expect(asked.toSorted()).toEqual(['first?', 'second?'])
    },
  )
})

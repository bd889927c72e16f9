import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ann, gate, textOf } from '../support/answering.ts'
import { gaps, mishaps, startServer, useLab, type HttpRule, type ServerProcess } from '../support/fault-lab.ts'

// A question is a request of the server's on the stream of the open tasks/result, and its answer a POST of its own.
let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

const generation = '2025-11-25'

/** How often the server put a question of the task. */
async function timesPut(taskId: string): Promise<number> {
  return (await server.log()).filter((event) => event.kind === 'question' && event.taskId === taskId).length
}

const question = { method: 'elicitation/create', direction: 'response' } as const
const answer = { method: 'response', direction: 'request' } as const
const held = { method: 'tasks/result', direction: 'request' } as const

describe('the stream that a question rides on', () => {
  test.concurrent.for<{ name: string; rule: HttpRule }>([
    { name: 'dies in the place of the question', rule: { match: question, fault: 'drop-connection' } },
    { name: 'ends in order in the place of the question', rule: { match: question, fault: 'end-stream' } },
    { name: 'dies in the middle of the question', rule: { match: question, fault: 'truncate' } },
    ...mishaps('tasks/result').filter(({ rule }) => rule.match.direction === 'request'),
  ])('is opened again when it $name', async ({ rule }, context) => {
    const lab = await useLab(server.url, generation, context)
    const { asked, onElicitation } = ann()
    const client = await lab.connect({ onElicitation })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    lab.proxy.setRules([rule])
    expect(textOf(await task.result())).toBe('deleted f by Ann')
    expect(lab.hurt()).toBe(true)
    expect(asked).toHaveLength(1)
  })

  test.concurrent('may die while somebody thinks: the question is put once, and the answer arrives', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const thinking = gate()
    let asked = 0
    const client = await lab.connect({
      onElicitation: async () => {
        asked += 1
        await thinking.opened
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    const result = task.result()
    for (const times of [1, 2, 3]) {
      await context.expect.poll(() => timesPut(task.id)).toBe(times)
      lab.proxy.dropConnections()
    }
    await context.expect.poll(() => timesPut(task.id)).toBe(4)
    thinking.open()
    expect(textOf(await result)).toBe('deleted f by Ann')
    expect(asked).toBe(1)
  })

  test.concurrent('is not opened again before the time that the server asked for', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect({ ...ann() })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    lab.proxy.setRules([{ match: held, fault: 'status', status: 503, headers: { 'retry-after': '1' } }])
    expect(textOf(await task.result())).toBe('deleted f by Ann')
    expect(gaps(lab.times('tasks/result'))[0]).toBeGreaterThanOrEqual(990)
  })

  test.concurrent('is opened again with growing pauses while the server is in trouble', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect({ ...ann() })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    lab.proxy.setRules([1, 2, 3, 4].map((nth) => ({ match: { ...held, nth }, fault: 'status', status: 503 })))
    expect(textOf(await task.result())).toBe('deleted f by Ann')
    const pauses = gaps(lab.times('tasks/result'))
    for (const [index, pause] of pauses.slice(0, 4).entries())
      expect(pause).toBeGreaterThanOrEqual(100 * 2 ** index - 2)
  })
})

describe('the answer to a question', () => {
  test.concurrent.for<{ name: string; rule: HttpRule }>([
    { name: 'is lost on the way', rule: { match: answer, fault: 'drop-connection' } },
    { name: 'arrives, and nobody says so', rule: { match: answer, fault: 'drop-response' } },
    { name: 'arrives twice', rule: { match: answer, fault: 'duplicate' } },
    { name: 'arrives late', rule: { match: answer, fault: 'delay', ms: 300 } },
    { name: 'meets a gateway that says 500', rule: { match: answer, fault: 'status', status: 500 } },
    { name: 'meets a gateway that says 503', rule: { match: answer, fault: 'status', status: 503 } },
    { name: 'meets a gateway that says 429', rule: { match: answer, fault: 'status', status: 429 } },
  ])('that $name is sent until it is there, and nobody is asked again', async ({ rule }, context) => {
    const lab = await useLab(server.url, generation, context)
    const { asked, onElicitation } = ann()
    const client = await lab.connect({ onElicitation })
    const task = await client.callTool('two_rounds', {}, { task: true })
    lab.proxy.setRules([rule])
    expect(textOf(await task.result())).toBe('Ann/Ann')
    expect(lab.hurt()).toBe(true)
    expect(asked).toEqual(['round 1?', 'round 2?'])
  })

  test.concurrent('keeps to the time that the server asked for', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect({ ...ann() })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    lab.proxy.setRules([{ match: answer, fault: 'status', status: 503, headers: { 'retry-after': '1' } }])
    expect(textOf(await task.result())).toBe('deleted f by Ann')
    expect(gaps(lab.times('response'))[0]).toBeGreaterThanOrEqual(990)
  })

  test.concurrent('is lost together with the stream: the question comes again and is answered without a word', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const { asked, onElicitation } = ann()
    const client = await lab.connect({ onElicitation })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    lab.proxy.setRules([1, 2, 3].map((nth) => ({ match: { ...answer, nth }, fault: 'drop-connection' })))
    const result = task.result()
    await context.expect.poll(() => lab.times('response').length).toBeGreaterThan(0)
    lab.proxy.dropConnections()
    expect(textOf(await result)).toBe('deleted f by Ann')
    expect(asked).toHaveLength(1)
  })
})

test.concurrent('two questions at a time survive the loss of both, each with its own answer', async (context) => {
  const lab = await useLab(server.url, generation, context)
  const asked: string[] = []
  const client = await lab.connect({
    onElicitation: ({ message }) => {
      asked.push(message)
      return { action: 'accept', content: { name: message } }
    },
  })
  const task = await client.callTool('multi', {}, { task: true })
  lab.proxy.setRules([
    { match: question, fault: 'drop-connection' },
    { match: { ...answer, nth: 1 }, fault: 'drop-connection' },
    { match: { ...answer, nth: 2 }, fault: 'drop-response' },
  ])
  expect(textOf(await task.result())).toBe('first?+second?')
  expect(asked.toSorted()).toEqual(['first?', 'second?'])
})

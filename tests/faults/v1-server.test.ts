import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TaskFailedError, ToolError } from '@longcall/client'
import { ann, textOf } from '../support/answering.ts'
import { mishaps, oddities, startServer, useLab, type HttpRule, type ServerProcess } from '../support/fault-lab.ts'

// The SDK v1's own task runtime: nothing of ours is on its side of the proxy.
let server: ServerProcess
beforeAll(async () => {
  server = await startServer('v1')
})
afterAll(() => server.stop())

const generation = '2025-11-25'
const answer = { method: 'response', direction: 'request' } as const

describe('on the v1 server', () => {
  test.concurrent.for([
    ...mishaps('tasks/get'),
    ...oddities('tasks/get'),
    ...mishaps('tasks/result'),
    ...oddities('tasks/result'),
    ...oddities('notifications/tasks/status'),
  ])('$rule.match.method that $name costs the task nothing', async ({ rule }, context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const [good, bad] = await Promise.all([
      client.callTool('sleep', { ms: 150 }, { task: true }),
      client.callTool('toolerr', {}, { task: true }),
    ])
    lab.proxy.setRules([rule])
    const [result, error] = await Promise.allSettled([good.result(), bad.result()])
    expect(result).toMatchObject({ status: 'fulfilled', value: { content: [{ text: 'slept' }] } })
    expect(error).toMatchObject({ status: 'rejected', reason: expect.any(ToolError) })
  })

  test.concurrent.for<{ name: string; rule: HttpRule }>([
    { name: 'is lost on the way', rule: { match: answer, fault: 'drop-connection' } },
    { name: 'arrives, and nobody says so', rule: { match: answer, fault: 'drop-response' } },
    { name: 'arrives twice', rule: { match: answer, fault: 'duplicate' } },
    { name: 'meets a gateway that says 503', rule: { match: answer, fault: 'status', status: 503 } },
  ])('an answer that $name is sent until it is there, and nobody is asked again', async ({ rule }, context) => {
    const lab = await useLab(server.url, generation, context)
    const { asked, onElicitation } = ann()
    const client = await lab.connect({ onElicitation })
    const task = await client.callTool('ask_twice', {}, { task: true })
    lab.proxy.setRules([rule])
    expect(textOf(await task.result())).toBe('hello Ann Ann')
    expect(lab.hurt()).toBe(true)
    expect(asked).toEqual(['first name?', 'last name?'])
  })

  test.concurrent('two questions alike are two, also when the answers have a hard time', async (context) => {
    const lab = await useLab(server.url, generation, context)
    let asked = 0
    const client = await lab.connect({
      onElicitation: () => ({ action: 'accept', content: { name: `answer ${(asked += 1)}` } }),
    })
    const task = await client.callTool('ask_same_twice', {}, { task: true })
    lab.proxy.setRules([1, 3].map((nth) => ({ match: { ...answer, nth }, fault: 'drop-connection' })))
    expect(textOf(await task.result())).toBe('heard answer 1 and answer 2')
    expect(asked).toBe(2)
  })

  test.concurrent('a failure whose reason the server lost is a failure, whatever happens to the polls', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('fail_no_result', {}, { task: true })
    lab.proxy.setRules([
      { match: { method: 'tasks/get', direction: 'request' }, fault: 'drop-connection' },
      { match: { method: 'tasks/result', direction: 'request' }, fault: 'status', status: 502 },
    ])
    const error = await task.result().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TaskFailedError)
    expect(error).toMatchObject({ message: expect.stringContaining('worker lost') })
  })
})

import { describe, expect, test } from 'vitest'
import { Client, RequestError, type Generation } from '@longcall/client'
import { ann, textOf } from '../support/answering.ts'
import { generations } from '../support/fault-lab.ts'
import { hurtPipe, pipeOptions, type PipeRule } from '../support/fault-stdio.ts'

type Case = { readonly name: string; readonly rules: readonly PipeRule[] }

function hurt(method: string, direction: 'request' | 'response', faults: readonly PipeRule['fault'][]): Case[] {
  return faults.map((fault) => ({
    name: `${direction === 'request' ? '' : 'the answer to '}${method} meets ${fault}`,
    rules: [1, 2].map((nth) => ({ match: { method, direction, nth }, fault, ms: 150 })),
  }))
}

const losses = ['drop', 'truncate'] as const
const noises = ['delay', 'duplicate', 'reorder', 'garbage'] as const

/** Requests that may be repeated, lost or worse; and what is only sent once, late or twice. */
const cases: Readonly<Record<Generation, Case[]>> = {
  '2025-11-25': [
    ...['tasks/get', 'tasks/result'].flatMap((method) => hurt(method, 'response', [...losses, ...noises])),
    ...hurt('tasks/get', 'request', losses),
    ...hurt('elicitation/create', 'response', noises),
    ...hurt('response', 'request', noises),
    ...hurt('notifications/tasks/status', 'response', [...losses, ...noises]),
  ],
  '2026-07-28': [
    ...['tasks/get', 'tasks/update'].flatMap((method) => hurt(method, 'response', [...losses, ...noises])),
    ...hurt('tasks/update', 'request', [...losses, 'duplicate']),
    ...hurt('notifications/tasks', 'response', [...losses, ...noises]),
    ...hurt('notifications/subscriptions/acknowledged', 'response', [...losses, ...noises]),
  ],
}

describe.each(generations)('on a pipe, %s', (generation) => {
  test.concurrent.for(cases[generation])('tasks end as they should when $name', async ({ rules }, context) => {
    const { asked, onElicitation } = ann()
    const client = await Client.connect(hurtPipe(rules), { ...pipeOptions(generation), onElicitation })
    context.onTestFinished(() => client.close())
    const tasks = await Promise.all([
      client.callTool('two_rounds', {}, { task: true }),
      client.callTool('slow', { ms: 200, label: 'it' }, { task: true }),
    ])
    const results = await Promise.all(tasks.map((task) => task.result()))
    expect(results.map(textOf)).toEqual(['Ann/Ann', 'done it'])
    expect(asked).toEqual(['round 1?', 'round 2?'])
  })

  test.concurrent('a cancel whose answer is lost cancels', async (context) => {
    const rule: PipeRule = { match: { method: 'tasks/cancel', direction: 'response' }, fault: 'drop' }
    const client = await Client.connect(hurtPipe([rule]), pipeOptions(generation))
    context.onTestFinished(() => client.close())
    const task = await client.callTool('hang', {}, { task: true })
    expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
  })

  test.concurrent('a call whose answer is lost fails when its time is up, and nobody knows what became of it', async (context) => {
    const rule: PipeRule = { match: { method: 'tools/call', direction: 'response' }, fault: 'drop' }
    const client = await Client.connect(hurtPipe([rule]), pipeOptions(generation))
    context.onTestFinished(() => client.close())
    const error = await client.callTool('greet', { name: 'Ann' }, { timeoutMs: 500 }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ failure: { kind: 'timeout' }, message: expect.stringContaining('not known') })
    expect(textOf(await client.callTool('greet', { name: 'Bob' }))).toBe('Hello, Bob!')
  })
})

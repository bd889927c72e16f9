import { describe, expect, test } from 'vitest'
import { RpcError } from '@longcall/client'
import { ann, expectSoon, textOf } from '../support/answering.ts'
import { RpcFault, ScriptedServer, type Wire } from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

const related = { 'io.modelcontextprotocol/related-task': { taskId: 't1' } }
const form = { message: 'name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }

function taskOf(generation: '2025-11-25' | '2026-07-28', status: string, more: Wire = {}): Wire {
  const now = new Date().toISOString()
  const times = generation === '2025-11-25' ? { ttl: null, pollInterval: 100 } : { ttlMs: null, pollIntervalMs: 100 }
  return { taskId: 't1', status, createdAt: now, lastUpdatedAt: now, ...times, ...more }
}

const done = { content: [{ type: 'text', text: 'done' }] }

describe.each(settings({ transport: 'memory' }))('on the $name', ({ setting }) => {
  test('somebody may wait for the question itself', async () => {
    const { asks } = jobs(setting)
    const client = await (await serve(setting)).connect({ capabilities: { elicitation: {} } })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    const result = task.result()
    await task.wait({ until: () => task.questions().length > 0 })
    await task.answer(task.questions()[0]!.key, { action: 'accept', content: { name: 'Ann' } })
    expect(textOf(await result)).toBe(asks.says)
  })
})

describe('the answer to a question of a 2025-11-25 task', () => {
  test('names the task that it belongs to', async () => {
    const server = new ScriptedServer('2025-11-25', {
      'tools/call': () => ({ task: taskOf('2025-11-25', 'input_required') }),
      'tasks/get': () => taskOf('2025-11-25', 'input_required'),
      'tasks/result': async () => {
        const answer = await server.ask('elicitation/create', { ...form, _meta: related })
        return { content: [{ type: 'text', text: JSON.stringify(answer) }] }
      },
    })
    const client = await server.connect({ onElicitation: ann().onElicitation })
    const task = await client.callTool('job', {}, { task: true })
    expect(JSON.parse(textOf(await task.result()) ?? '')).toMatchObject({ action: 'accept', _meta: related })
  })
})

describe('a copy of a question that was answered', () => {
  test('gets the same answer, and nobody is asked again', async () => {
    const question = { ...form, _meta: related }
    const server = new ScriptedServer('2025-11-25', {
      'tools/call': () => ({ task: taskOf('2025-11-25', 'input_required') }),
      'tasks/get': () => taskOf('2025-11-25', 'input_required'),
      'tasks/result': async () => {
        const first = await server.ask('elicitation/create', question, 7)
        const copy = await server.ask('elicitation/create', question, 7)
        return { content: [{ type: 'text', text: JSON.stringify([first, copy]) }] }
      },
    })
    const { asked, onElicitation } = ann()
    const client = await server.connect({ onElicitation })
    const task = await client.callTool('job', {}, { task: true })
    const [first, copy] = JSON.parse(textOf(await task.result()) ?? '') as [Wire, Wire]
    expect(copy).toEqual(first)
    expect(asked).toEqual(['name?'])
  })
})

describe('an answer that a 2026-07-28 server refuses', () => {
  const asking = taskOf('2026-07-28', 'input_required', {
    inputRequests: { name: { method: 'elicitation/create', params: { mode: 'form', ...form } } },
  })
  const refusing = (): { readonly server: ScriptedServer; readonly accept: () => void } => {
    let refuses = true
    let answered = false
    const server = new ScriptedServer('2026-07-28', {
      'tools/call': () => ({ ...asking, inputRequests: undefined, resultType: 'task' }),
      'tasks/get': () => (answered ? taskOf('2026-07-28', 'completed', { result: done }) : asking),
      'tasks/update': () => {
        if (refuses) throw new RpcFault(-32_602, 'not now')
        answered = true
        return {}
      },
    })
    return { server, accept: () => void (refuses = false) }
  }

  test('is kept, and sent again when somebody waits, and nobody is asked again', async () => {
    const { server, accept } = refusing()
    let asked = 0
    const client = await server.connect({
      onElicitation: () => {
        asked += 1
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    const task = await client.callTool('job', {}, { task: true })
    await expect(task.result()).rejects.toBeInstanceOf(RpcError)
    expect(task.questions()).toMatchObject([{ key: 'name' }])
    accept()
    expect(textOf(await task.result())).toBe('done')
    expect(asked).toBe(1)
  })

  test('makes answering by hand say so, and leaves the question open', async () => {
    const { server, accept } = refusing()
    const client = await server.connect({ capabilities: { elicitation: {} } })
    const task = await client.callTool('job', {}, { task: true })
    const result = task.result()
    await expectSoon(() => task.questions().length).toBe(1)
    const answer = { action: 'accept', content: { name: 'Ann' } }
    await expect(task.answer('name', answer)).rejects.toBeInstanceOf(RpcError)
    accept()
    await task.answer('name', answer)
    expect(textOf(await result)).toBe('done')
  })
})

describe('a cancelled 2026-07-28 task that lives on', () => {
  test('may ask anew, and is answered', async () => {
    let cancelled = false
    const question = (key: string): Wire => ({
      [key]: { method: 'elicitation/create', params: { mode: 'form', ...form } },
    })
    let answered = false
    const server = new ScriptedServer('2026-07-28', {
      'tools/call': () => ({ ...taskOf('2026-07-28', 'working'), resultType: 'task' }),
      'tasks/get': () => {
        if (answered) return taskOf('2026-07-28', 'completed', { result: done })
        return cancelled
          ? taskOf('2026-07-28', 'input_required', { inputRequests: question('anew') })
          : taskOf('2026-07-28', 'working')
      },
      'tasks/cancel': () => {
        cancelled = true
        return {}
      },
      'tasks/update': () => {
        answered = true
        return {}
      },
    })
    const client = await server.connect({ onElicitation: ann().onElicitation })
    const task = await client.callTool('job', {}, { task: true })
    expect((await task.cancel()).status).toBe('input_required')
    expect(textOf(await task.result())).toBe('done')
    expect(server.requests('tasks/update')).toMatchObject([
      { params: { inputResponses: { anew: { action: 'accept', content: { name: 'Ann' } } } } },
    ])
  })
})

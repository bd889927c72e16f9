import { describe, expect, test } from 'vitest'
import type { Tasks } from '@longcall/server'
import { RawLegacy } from '../support/raw-legacy.ts'
import { serveRaw, withoutTasks } from '../support/raw-modern.ts'
import { textOf } from '../support/modern-views.ts'

const form = {
  type: 'object' as const,
  properties: {
    name: { type: 'string' as const, minLength: 2, maxLength: 9 },
    age: { type: 'integer' as const, minimum: 0 },
    mail: { type: 'string' as const, format: 'email' as const },
    colour: { type: 'string' as const, enum: ['red', 'blue'] },
    sure: { type: 'boolean' as const },
  },
  required: ['name'],
}

function tools(tasks: Tasks): void {
  tasks.registerTool('asks', {}, async (_args, context) => {
    const { action, content } = await context.elicit({ message: '?', requestedSchema: form }, { key: 'on' })
    return `${action} ${JSON.stringify(content)}`
  })
  tasks.registerTool('two', {}, async (_args, context) => {
    const ask = (key: string) => context.elicit({ message: key, requestedSchema: form }, { key })
    const [a, b] = await Promise.all([ask('a'), ask('b')])
    return `${a.action} ${b.action}`
  })
  tasks.registerTool('broken form', {}, async (_args, context) => {
    const requestedSchema = { type: 'object', properties: { a: { type: 'nonsense' } } } as never
    return (await context.elicit({ message: '?', requestedSchema }, { key: 'on' })).action
  })
  tasks.registerTool('sums up', {}, async (_args, context) => {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'hi' } }]
    const { model } = await context.createMessage({ messages, maxTokens: 5 }, { key: 'on' })
    return model
  })
}

const accept = (content: unknown): object => ({ action: 'accept', content })

describe('2026-07-28', () => {
  test.each([
    ['a name that is too short', { name: 'x' }],
    ['a name that is too long', { name: 'x'.repeat(10) }],
    ['no name', {}],
    ['no content', undefined],
    ['a number for a name', { name: 5 }],
    ['a fraction for an age', { name: 'Ann', age: 1.5 }],
    ['a negative age', { name: 'Ann', age: -1 }],
    ['a colour that there is not', { name: 'Ann', colour: 'green' }],
    ['a text for a boolean', { name: 'Ann', sure: 'yes' }],
    ['what is no address', { name: 'Ann', mail: 'nowhere' }],
    ['a list', ['Ann']],
  ])('an answer to a form with %s is refused, names its question, and may come again', async (_name, content) => {
    const server = await serveRaw('memory', tools)
    const taskId = await server.start('asks')
    await server.asked(taskId)
    const { error } = await server.update(taskId, { on: accept(content) })
    expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining('question on') as string })
    await server.update(taskId, { on: accept({ name: 'Ann' }) })
    expect(textOf((await server.ended(taskId)).result)).toBe('accept {"name":"Ann"}')
  })

  test('one answer that does not fit keeps all of its request out', async () => {
    const server = await serveRaw('memory', tools)
    const taskId = await server.start('two')
    await server.asked(taskId, 2)
    const { error } = await server.update(taskId, { a: accept({ name: 'Ann' }), b: accept({}) })
    expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining('question b') as string })
    expect(Object.keys(await server.asked(taskId, 2))).toEqual(['a', 'b'])
  })

  test('some answers leave the task waiting for the rest; unknown and answered keys are left aside', async () => {
    const server = await serveRaw('memory', tools)
    const taskId = await server.start('two')
    await server.asked(taskId, 2)
    const first = await server.update(taskId, { b: { action: 'decline' }, unknown: accept({ name: 5 }) })
    expect(first.result).toMatchObject({ resultType: 'complete' })
    expect(Object.keys(first.result ?? {}).filter((key) => !['resultType', '_meta'].includes(key))).toEqual([])
    expect(await server.asked(taskId)).toMatchObject({ a: { params: { message: 'a' } } })
    // It was answered: what it says now, fitting or not, changes nothing.
    const again = await server.update(taskId, { b: accept({}) })
    expect(again.error).toBeUndefined()
    await server.update(taskId, { a: { action: 'cancel' } })
    expect(textOf((await server.ended(taskId)).result)).toBe('cancel decline')
    expect((await server.update(taskId, { a: { action: 'decline' } })).error).toBeUndefined()
    expect(textOf((await server.ended(taskId)).result)).toBe('cancel decline')
  })

  test('of two answers at once, one counts', async () => {
    const server = await serveRaw('memory', tools)
    const taskId = await server.start('asks')
    await server.asked(taskId)
    const actions = ['decline', 'cancel']
    await Promise.all(actions.map((action) => server.update(taskId, { on: { action } })))
    expect(textOf((await server.ended(taskId)).result)).toBe('decline undefined')
    expect(server.events.filter(({ kind }) => kind === 'answered')).toHaveLength(1)
  })

  test('names that objects have by nature are no answers', async () => {
    const server = await serveRaw('memory', tools)
    const taskId = await server.start('asks')
    await server.asked(taskId)
    const answers = JSON.parse('{"__proto__":{"action":"accept"},"constructor":{"action":"accept"}}') as object
    expect((await server.update(taskId, answers)).error).toBeUndefined()
    await server.update(taskId, { on: accept(JSON.parse('{"name":"Ann","__proto__":{"admin":true}}')) })
    expect(textOf((await server.ended(taskId)).result)).toMatch(/^accept \{"name":"Ann"/)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  test('a form that is itself no schema is the failure of its tool, not of who answers', async () => {
    const server = await serveRaw('memory', tools)
    const ended = await server.ended(await server.start('broken form'))
    expect(ended).toMatchObject({ status: 'completed', result: { isError: true } })
    expect(textOf(ended.result)).toMatch(/requestedSchema/)
    const inline = await server.call('broken form', {}, { capabilities: withoutTasks })
    expect(textOf(inline.result)).toMatch(/requestedSchema/)
  })

  test('an answer of another kind than the question is refused', async () => {
    const server = await serveRaw('memory', tools)
    const taskId = await server.start('sums up')
    await server.asked(taskId)
    const { error } = await server.update(taskId, { on: { action: 'accept' } })
    expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining('sampling/createMessage') as string })
    await server.update(taskId, { on: { role: 'assistant', content: { type: 'text', text: 'ho' }, model: 'm' } })
    expect(textOf((await server.ended(taskId)).result)).toBe('m')
  })
})

describe('2025-11-25', () => {
  /** Answers the question of a task by hand, and gives what the task came to. */
  async function answered(tool: string, answers: readonly object[]): Promise<string | undefined> {
    const server = await serveRaw('stdio', tools)
    const session = await RawLegacy.open(server.wire)
    const taskId = await session.start(tool)
    const { inbox } = server.wire as unknown as { inbox: import('../support/modern-inbox.ts').Inbox }
    const result = session.request('tasks/result', { taskId })
    const { id } = await inbox.next(
      ({ method }) => method !== undefined && !method.startsWith('notifications/'),
      new Set(),
    )
    for (const answer of answers) await session.wire.send({ jsonrpc: '2.0', id, ...answer })
    const reply = await result
    return textOf(reply.result) ?? reply.error?.message
  }

  test('an answer that does not fit reaches the tool as the error that it is', async () => {
    expect(await answered('asks', [{ result: accept({ name: 5 }) }])).toMatch(/question on does not fit the form/)
    // What is no response at all answers nothing; the one behind it does.
    expect(await answered('asks', [{ result: 'yes' }, { result: { action: 'decline' } }])).toBe('decline undefined')
    expect(await answered('asks', [{ result: {} }])).toMatch(/question on is no answer to elicitation\/create/)
  })

  test('of two answers, the first counts', async () => {
    const twice = [{ result: { action: 'decline' } }, { result: { action: 'cancel' } }]
    expect(await answered('asks', twice)).toBe('decline undefined')
  })

  test('an error for an answer is what the tool is thrown', async () => {
    const huge = { code: -32_000, message: 'no\u0000 '.repeat(10_000) }
    const said = await answered('asks', [{ error: huge }])
    expect(said).toMatch(/^no/)
    expect(said?.length).toBeLessThan(5_000)
  })
})

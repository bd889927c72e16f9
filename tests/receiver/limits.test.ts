import { describe, expect, test } from 'vitest'
import type { RequestOrigin, TaskEvent, Tasks } from '@longcall/server'
import { ManualClock } from '@longcall/core/testing'
import { RawLegacy } from '../support/raw-legacy.ts'
import { serveRaw, withoutTasks } from '../support/raw-modern.ts'
import { textOf } from '../support/modern-views.ts'
import { aborted } from '../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
  tasks.registerTool('short', { ttlMs: 5_000, pollIntervalMs: 250 }, (_args, { signal }) => aborted(signal))
  tasks.registerTool('echo', {}, ({ text }) => String(text))
  tasks.registerTool('big', {}, () => 'x'.repeat(2_000))
  tasks.registerTool('asks', {}, async (_args, context) => {
    const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
    const { content } = await context.elicit({ message: '?', requestedSchema }, { key: 'on' })
    return `got ${String(content?.['name']).length}`
  })
}

const from = (remoteAddress: string): { info: RequestOrigin } => ({ info: { remoteAddress } })
const as = (sub: string): { info: RequestOrigin } => ({
  info: { authInfo: { token: 't', clientId: 'app', scopes: [], extra: { iss: 'i', sub } } },
})
const tooMany = { code: -32_603, data: { reason: 'task_limit', maxOpen: 2 } }
const limits = { maxOpenPerOwner: 2 }

describe('how many tasks may be open', () => {
  test.each([
    ['per owner', as('ann'), as('bob')],
    ['per address, where nobody is known', from('10.0.0.1'), from('10.0.0.2')],
  ])('is limited %s; the end of one makes room, and others are not touched', async (_name, mine, others) => {
    const server = await serveRaw('fetch', tools, { limits })
    const first = await server.start('never', {}, mine)
    await server.start('never', {}, mine)
    const { error } = await server.call('never', {}, mine)
    expect(error).toMatchObject(tooMany)
    expect(error?.message).toContain('2 tasks of the caller are still open')
    await server.start('never', {}, others)
    await server.request('tasks/cancel', { taskId: first }, mine)
    await server.start('never', {}, mine)
  })

  test('is limited per session on 2025-11-25, where neither caller nor address is known', async () => {
    const server = await serveRaw('fetch', tools, { limits })
    const [one, two] = [await RawLegacy.open(server.wire), await RawLegacy.open(server.wire)]
    await one.start('never')
    await one.start('never')
    expect((await one.request('tools/call', { name: 'never', task: {} })).error).toMatchObject(tooMany)
    expect(await two.start('never')).toBeTypeOf('string')
  })

  test('is not passed by calls that come at once', async () => {
    const server = await serveRaw('fetch', tools, { limits })
    const replies = await Promise.all(Array.from({ length: 20 }, () => server.call('never', {}, as('ann'))))
    expect(replies.filter(({ result }) => result?.resultType === 'task')).toHaveLength(2)
    expect(replies.filter(({ error }) => error?.code === -32_603)).toHaveLength(18)
  })
})

describe('how long a task lives', () => {
  test('is a day by default, what its tool says, or what a 2025 client asks for, up to the maximum', async () => {
    const server = await serveRaw('memory', tools, { limits: { maxTtlMs: 86_400_000 } })
    expect((await server.call('never')).result).toMatchObject({ ttlMs: 86_400_000 })
    expect((await server.call('short')).result).toMatchObject({ ttlMs: 5_000, pollIntervalMs: 250 })
    const other = await serveRaw('memory', tools, { limits: { maxTtlMs: 86_400_000 } })
    const session = await RawLegacy.open(other.wire)
    const granted = async (task: object): Promise<unknown> => {
      const { result } = await session.request('tools/call', { name: 'short', task })
      return (result as { task?: { ttl?: unknown } } | undefined)?.task?.ttl
    }
    expect(await granted({})).toBe(5_000)
    expect(await granted({ ttl: 60_000 })).toBe(60_000)
    expect(await granted({ ttl: 1e15 })).toBe(86_400_000)
  })

  test('is over at its maximum, open or not: then the body is told, and the task is gone', async () => {
    const clock = new ManualClock()
    const events: TaskEvent[] = []
    const server = await serveRaw('fetch', tools, {
      clock,
      limits: { ttlMs: 10_000, maxTtlMs: 20_000 },
      onEvent: (event) => events.push(event),
    })
    const taskId = await server.start('never')
    await clock.advance(19_000)
    // It outlives what it was granted, because it is still open, and says so.
    const { result } = await server.request('tasks/get', { taskId })
    expect(result).toMatchObject({ status: 'working', ttlMs: 19_001 })
    await clock.advance(6_000)
    expect((await server.request('tasks/get', { taskId })).error).toMatchObject({ code: -32_602 })
  })

  test('goes on for a while after its end, so that its result can be fetched', async () => {
    const clock = new ManualClock()
    const server = await serveRaw('fetch', tools, { clock, limits: { ttlMs: 1_000, retentionMs: 60_000 } })
    const taskId = await server.start('never')
    await clock.advance(500)
    await server.request('tasks/cancel', { taskId })
    await clock.advance(59_000)
    expect((await server.request('tasks/get', { taskId })).result).toMatchObject({ status: 'cancelled', ttlMs: 60_500 })
    await clock.advance(2_000)
    expect((await server.request('tasks/get', { taskId })).error).toMatchObject({ code: -32_602 })
  })
})

describe('how often a client may ask', () => {
  test('is not refused: who asks too soon is answered when the interval is over', async () => {
    const clock = new ManualClock()
    const server = await serveRaw('fetch', tools, { clock, pollIntervalMs: 10_000 })
    const taskId = await server.start('never')
    await server.tasks.runtime.until(taskId, (task) => (task?.attempt === 1 ? true : undefined))
    await server.request('tasks/get', { taskId })
    let answered = false
    const early = server.request('tasks/get', { taskId }).then((reply) => {
      answered = true
      return reply
    })
    await clock.advance(7_000)
    expect(answered).toBe(false)
    await clock.advance(3_000)
    expect((await early).result).toMatchObject({ status: 'working' })
  })

  test('does not matter once something has changed: that is told at once', async () => {
    const clock = new ManualClock()
    const server = await serveRaw('fetch', tools, { clock, pollIntervalMs: 10_000 })
    const taskId = await server.start('asks')
    await server.tasks.runtime.until(taskId, (task) => (task?.status === 'input_required' ? true : undefined))
    await server.request('tasks/get', { taskId })
    const early = server.request('tasks/get', { taskId })
    await server.update(taskId, { on: { action: 'decline' } })
    expect((await early).result?.status).not.toBe('input_required')
    await server.tasks.runtime.until(taskId, (task) => (task?.status === 'completed' ? true : undefined))
    expect((await server.request('tasks/get', { taskId })).result).toMatchObject({ status: 'completed' })
    expect((await server.request('tasks/get', { taskId })).result).toMatchObject({ status: 'completed' })
  })

  test('is the same for a client that gives up waiting: nothing of it stays', async () => {
    const server = await serveRaw('http', tools, { pollIntervalMs: 60_000 })
    const taskId = await server.start('never')
    await server.tasks.runtime.until(taskId, (task) => (task?.attempt === 1 ? true : undefined))
    await server.request('tasks/get', { taskId })
    const leave = new AbortController()
    const early = server.request('tasks/get', { taskId }, { signal: leave.signal }).catch((error: unknown) => error)
    leave.abort()
    expect(await early).toMatchObject({ name: 'AbortError' })
  })
})

describe('how large a message may be', () => {
  test('arguments beyond their limit are refused, and no task is made', async () => {
    const server = await serveRaw('fetch', tools, { limits: { maxArgumentBytes: 100 } })
    const { error } = await server.call('echo', { text: 'é'.repeat(60) })
    expect(error).toMatchObject({
      code: -32_602,
      message: expect.stringMatching(/takes 131 bytes; 100 are allowed/) as string,
    })
    expect(await server.start('echo', { text: 'e'.repeat(60) })).toBeTypeOf('string')
  })

  test('a result beyond its limit fails its task, and says why', async () => {
    const server = await serveRaw('fetch', tools, { limits: { maxResultBytes: 1_000 } })
    const ended = await server.ended(await server.start('big'))
    expect(ended).toMatchObject({ status: 'failed', error: { code: -32_603 } })
    expect(ended.error?.message).toMatch(/^The result of "big" takes \d+ bytes; 1000 are allowed\.$/)
  })

  test('an answer beyond its limit is refused, and the question stays open', async () => {
    const server = await serveRaw('fetch', tools, { limits: { maxAnswerBytes: 100 } })
    const taskId = await server.start('asks')
    await server.asked(taskId)
    const { error } = await server.update(taskId, { on: { action: 'accept', content: { name: 'x'.repeat(200) } } })
    expect(error).toMatchObject({ code: -32_602, message: expect.stringContaining('question on') as string })
    await server.update(taskId, { on: { action: 'accept', content: { name: 'xx' } } })
    expect(textOf((await server.ended(taskId)).result)).toBe('got 2')
  })

  test('a body beyond its limit is not read', async () => {
    const server = await serveRaw('fetch', tools, { http: { maxRequestBodySize: 2_000 } })
    const { status, error } = await server.call('echo', { text: 'x'.repeat(5_000) }, { capabilities: withoutTasks })
    expect({ status, error }).toMatchObject({ status: 413, error: { message: 'Payload Too Large' } })
  })
})

import { describe, expect, test } from 'vitest'
import type { RequestOrigin, Tasks } from '@longcall/server'
import { ManualClock } from '@longcall/core/testing'
import { RawLegacy } from '../support/raw-legacy.ts'
import { serveRaw, type Served } from '../support/raw-modern.ts'
import { aborted } from '../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
  tasks.registerTool('who', { task: 'forbidden' }, (_args, { auth }) => JSON.stringify(auth ?? null))
  tasks.registerTool('asks', {}, async (_args, context) => {
    const requestedSchema = { type: 'object' as const, properties: {} }
    return (await context.elicit({ message: '?', requestedSchema }, { key: 'on' })).action
  })
}

const as = (sub: string, iss = 'https://id.example', clientId = 'app'): RequestOrigin => ({
  authInfo: { token: `secret-${sub}`, clientId, scopes: ['tasks'], extra: { iss, sub } },
})
const clientOnly: RequestOrigin = { authInfo: { token: 'secret', clientId: 'app', scopes: [] } }

/** What each method says of a task, but for its id. */
async function refusals(server: Served, taskId: string, info: RequestOrigin): Promise<string[]> {
  const replies = [
    await server.request('tasks/get', { taskId }, { info, id: 1 }),
    await server.request('tasks/update', { taskId, inputResponses: { on: { action: 'accept' } } }, { info, id: 1 }),
    await server.request('tasks/cancel', { taskId }, { info, id: 1 }),
  ]
  return replies.map((reply) => JSON.stringify(reply).replaceAll(taskId, '<id>'))
}

test('a task belongs to issuer and subject, whatever client they use', async () => {
  const server = await serveRaw('fetch', tools)
  const taskId = await server.start('never', {}, { info: as('ann') })
  const mine = await server.request('tasks/get', { taskId }, { info: as('ann', 'https://id.example', 'other-app') })
  expect(mine.result).toMatchObject({ taskId, status: 'working' })
  for (const info of [as('bob'), as('ann', 'https://elsewhere.example'), {}]) {
    expect((await server.request('tasks/get', { taskId }, { info })).error).toMatchObject({ code: -32_602 })
  }
})

test('foreign, unknown and expired tasks are refused in the same words, byte for byte', async () => {
  const clock = new ManualClock()
  const server = await serveRaw('fetch', tools, { clock, limits: { ttlMs: 1_000, maxTtlMs: 1_000, retentionMs: 0 } })
  const expired = await server.start('never', {}, { info: as('bob') })
  await clock.advance(2_000)
  const foreign = await server.start('asks', {}, { info: as('ann') })
  await server.tasks.runtime.until(foreign, (task) => (task?.status === 'input_required' ? true : undefined))
  const ofForeign = await refusals(server, foreign, as('bob'))
  expect(await refusals(server, crypto.randomUUID(), as('bob'))).toEqual(ofForeign)
  expect(await refusals(server, expired, as('bob'))).toEqual(ofForeign)
  const ids = [foreign, expired, 'unknown']
  const subscription = await server.listen({ taskIds: ids }, { info: as('bob') })
  expect(await subscription.next()).toMatchObject({ params: { notifications: { taskIds: [] } } })
  expect(await server.tasks.get(foreign)).toMatchObject({ status: 'input_required' })
})

test('the same holds between two sessions of 2025-11-25', async () => {
  const server = await serveRaw('fetch', tools)
  const [ann, bob] = [await RawLegacy.open(server.wire, as('ann')), await RawLegacy.open(server.wire, as('bob'))]
  const taskId = await ann.start('never')
  const unknown = crypto.randomUUID()
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
    const [foreign, missing] = [
      await bob.request(method, { taskId }, { id: 1 }),
      await bob.request(method, { taskId: unknown }, { id: 1 }),
    ]
    expect(foreign.error).toMatchObject({ code: -32_602 })
    expect(JSON.stringify(foreign).replaceAll(taskId, '<id>')).toBe(JSON.stringify(missing).replaceAll(unknown, '<id>'))
  }
  const listed = await bob.request('tasks/list')
  expect(listed.result).toMatchObject({ tasks: [] })
  expect((await ann.request('tasks/list')).result).toMatchObject({ tasks: [{ taskId }] })
})

test('a principal finds its tasks in both generations and in another session', async () => {
  const server = await serveRaw('fetch', tools)
  const session = await RawLegacy.open(server.wire, as('ann'))
  const taskId = await session.start('never')
  expect((await server.request('tasks/get', { taskId }, { info: as('ann') })).result).toMatchObject({ taskId })
  const other = await RawLegacy.open(server.wire, as('ann'))
  expect((await other.request('tasks/get', { taskId })).result).toMatchObject({ taskId })
})

test('without authentication, whoever knows the id of a task has it, and nobody is shown a list', async () => {
  const server = await serveRaw('fetch', tools)
  const taskId = await server.start('never', {}, { info: { remoteAddress: '10.0.0.1' } })
  const elsewhere = await server.request('tasks/get', { taskId }, { info: { remoteAddress: '10.0.0.2' } })
  expect(elsewhere.result).toMatchObject({ taskId })
  const session = await RawLegacy.open(server.wire)
  expect((await session.request('tasks/list')).error).toMatchObject({ code: -32_601 })
})

describe('who an authenticated caller is', () => {
  test('must be known: a client id alone is refused, in both generations, and says what to do', async () => {
    const server = await serveRaw('fetch', tools)
    const { error } = await server.call('never', {}, { info: clientOnly })
    expect(error).toMatchObject({
      code: -32_603,
      message: expect.stringContaining('Pass principal to createTasks()') as string,
    })
    const session = await RawLegacy.open(server.wire, clientOnly)
    const refused = await session.request('tools/call', { name: 'never', task: {} })
    expect(refused.error).toMatchObject({ code: -32_603 })
    expect((await server.tasks.list()).tasks).toEqual([])
  })

  test('is what the option says, and a tool learns it, but never the token', async () => {
    const server = await serveRaw('fetch', tools, { principal: ({ clientId }) => `client ${clientId}` })
    const { result } = await server.call('who', {}, { info: clientOnly })
    expect(JSON.parse(result?.content?.[0]?.text ?? '')).toEqual({
      principal: 'client app',
      clientId: 'app',
      scopes: [],
    })
    const taskId = await server.start('never', {}, { info: clientOnly })
    const record = await server.tasks.runtime.get(taskId)
    expect(JSON.stringify(record)).not.toContain('secret')
    expect(record?.owner).toBe('client app')
  })

  test('is nobody where the option gives an empty name', async () => {
    const server = await serveRaw('fetch', tools, { principal: () => '' })
    expect((await server.call('never', {}, { info: as('ann') })).error).toMatchObject({ code: -32_603 })
  })

  test('fails one request, and not the server, where the option throws', async () => {
    const server = await serveRaw('fetch', tools, {
      principal: ({ extra }) => {
        if (extra?.['sub'] === 'bad') throw new Error('the directory is down: ldap://secret')
        return String(extra?.['sub'])
      },
    })
    const { error } = await server.call('never', {}, { info: as('bad') })
    expect(error?.code).toBe(-32_603)
    expect(JSON.stringify(error)).not.toContain('ldap')
    expect(await server.start('never', {}, { info: as('ann') })).toBeTypeOf('string')
  })
})

test('everybody at the end of a pipe is the one who started the process', async () => {
  const server = await serveRaw('memory', tools)
  const taskId = await server.start('never')
  expect(await server.tasks.get(taskId)).toMatchObject({ owner: '(pipe)' })
})

/** tasks/list, where there is one. */
import { describe, expect, test } from 'vitest'
import type { RawSession } from '../../support/raw-session.ts'
import { pipes, serveTools } from '../../support/task-tools.ts'
import type { RawHttpOptions } from '../../support/raw-wires.ts'
import type { WireTask } from '@longcall/core/wire/2025-11-25'

interface Page {
  readonly tasks: readonly WireTask[]
  readonly nextCursor?: string
}

/** All pages of the list. */
async function pages(session: RawSession): Promise<Page[]> {
  const all = [await session.result<Page>('tasks/list')]
  for (let cursor = all[0]!.nextCursor; cursor !== undefined; cursor = all.at(-1)!.nextCursor) {
    all.push(await session.result<Page>('tasks/list', { cursor }))
  }
  return all
}

const withAuth = async (options?: RawHttpOptions): Promise<RawSession> => {
  const authInfo = { token: 't', clientId: 'c', scopes: [], extra: { iss: 'https://issuer', sub: 'ann' } }
  return (await serveTools({}, { authenticate: () => Promise.resolve(authInfo) })).connect(options)
}

describe.each([...pipes, { wire: 'HTTP with authentication', connect: withAuth }])('on $wire', ({ connect }) => {
  // C131
  test('where there are no tasks the list is empty', async () => {
    const session = await connect()
    expect(await session.result('tasks/list')).toEqual({ tasks: [] })
    expect(await session.result('tasks/list', {})).toEqual({ tasks: [] })
  })

  // R60, C132, C136
  test('what tasks/get finds is listed, in the same words, whatever its status', async () => {
    const session = await connect()
    const { taskId: working } = await session.start([{ wait: 'end' }])
    const { taskId: asking } = await session.start([{ ask: 'name?' }])
    const { taskId: completed } = await session.start([])
    const { taskId: failed } = await session.start([{ throw: 'disk full' }])
    const { taskId: cancelled } = await session.start([{ wait: 'end' }])
    await session.result('tasks/cancel', { taskId: cancelled })
    await session.until(failed, 'failed')
    await session.until(asking, 'input_required')
    const { tasks, ...rest } = await session.result<Page>('tasks/list')
    expect(rest).toEqual({})
    const ids = [cancelled, failed, completed, asking, working]
    expect(tasks).toEqual(await Promise.all(ids.map((taskId) => session.get(taskId))))
    expect(tasks.map(({ status }) => status)).toEqual(['cancelled', 'failed', 'completed', 'input_required', 'working'])
  })

  // R57, R58, C133, C134, C138, C162
  test('a long list comes in pages, each with a cursor but the last, and holds each task once', async () => {
    const session = await connect()
    const started = []
    for (let round = 0; round < 5; round++) {
      started.push(...(await Promise.all(Array.from({ length: 25 }, () => session.start([])))))
    }
    const all = await pages(session)
    expect(all.map(({ tasks, nextCursor }) => [tasks.length, typeof nextCursor])).toEqual([
      [50, 'string'],
      [50, 'string'],
      [25, 'undefined'],
    ])
    const listed = all.flatMap(({ tasks }) => tasks.map(({ taskId }) => taskId))
    expect(listed.toSorted()).toEqual(started.map(({ taskId }) => taskId).toSorted())
  })

  // C132
  test('a page that is just full has no cursor', async () => {
    const session = await connect()
    await Promise.all(Array.from({ length: 50 }, () => session.start([])))
    expect(await session.result('tasks/list')).not.toHaveProperty('nextCursor')
  })

  // R69, C135
  test.for([
    ['made up', 'no-cursor'],
    ['empty', ''],
    ['of another kind', 7],
    ['null', null],
  ] as const)('a cursor that is %s is refused with -32602', async ([, cursor]) => {
    const session = await connect()
    const { code, message } = await session.error('tasks/list', { cursor })
    expect(code).toBe(-32_602)
    expect(message).toMatch(/cursor/i)
  })
})

// R82, C161
test('a cursor of somebody else shows nothing of theirs', async () => {
  const authenticate = (request: Request) => {
    const sub = request.headers.get('authorization')
    return Promise.resolve({ token: 't', clientId: 'c', scopes: [], extra: { iss: 'https://issuer', sub } })
  }
  const server = await serveTools({ limits: { maxOpenPerOwner: 200 } }, { authenticate })
  const [ann, bob] = [
    await server.connect({ headers: { authorization: 'ann' } }),
    await server.connect({ headers: { authorization: 'bob' } }),
  ]
  await Promise.all(Array.from({ length: 60 }, () => ann.start([{ wait: 'end' }])))
  const { nextCursor } = await ann.result<Page>('tasks/list')
  expect(await bob.result('tasks/list')).toEqual({ tasks: [] })
  expect(await bob.error('tasks/list', { cursor: nextCursor })).toMatchObject({ code: -32_602 })
})

import { describe, expect, test } from 'vitest'
import { Client, InvalidOptionError, type ClientOptions } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { ScriptedServer, wireCreated, wireTask, wireText } from '../support/scripted-server.ts'
import { plainSettings } from '../support/plain-settings.ts'
import { reportOf, serveTools } from '../support/tool-server.ts'

async function invalid(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.fail('it was taken'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InvalidOptionError)
  expect(error).toMatchObject({ code: 'invalid_option' })
  return (error as Error).message
}

describe.each(['2025-11-25', '2026-07-28'] as const)('on a %s server', (generation) => {
  const server = (): ScriptedServer =>
    new ScriptedServer(generation, {
      'tools/call': ({ task }) =>
        generation === '2025-11-25' && task === undefined ? wireText('done') : wireCreated(generation),
      'tasks/get': () => wireTask(generation, 'completed', { result: wireText('done') }),
      'tasks/result': () => wireText('done'),
    })

  test.each([
    [{ timeoutMs: -1 }, 'Option timeoutMs is -1; it must be milliseconds, zero or more.'],
    [{ timeoutMs: '5s' }, 'Option timeoutMs is "5s"; it must be milliseconds, zero or more.'],
    [{ timeoutMs: Number.NaN }, 'Option timeoutMs is NaN; it must be milliseconds, zero or more.'],
    [{ idleTimeoutMs: -5 }, 'Option idleTimeoutMs is -5; it must be milliseconds, zero or more.'],
    [{ idleTimeoutMs: {} }, 'Option idleTimeoutMs is an object; it must be milliseconds, zero or more.'],
  ])('a limit that cannot be used is named, and nothing is called: %o', async (limits, message) => {
    const peer = server()
    const client = await peer.connect()
    expect(await invalid(client.callTool('job', {}, limits as object))).toBe(message)
    expect(await invalid(client.callTool('job', {}, { ...limits, task: true } as { task: true }))).toBe(message)
    expect(peer.requests('tools/call')).toEqual([])
    const task = await client.callTool('job', {}, { task: true })
    const drained = async (): Promise<void> => {
      for await (const seen of task.updates(limits as object)) expect(seen.status).toBe('working')
    }
    for (const wait of [() => task.result(limits as object), () => task.wait(limits as object), drained])
      expect(await invalid(wait())).toBe(message)
  })

  test.each([0, -1, 1.5, Number.NaN, Infinity, '1h'])('a time to live of %s is refused', async (ttlMs) => {
    const peer = server()
    const client = await peer.connect()
    expect(await invalid(client.callTool('job', {}, { task: { ttlMs: ttlMs as number } }))).toMatch(
      /^Option task\.ttlMs is .+; it must be whole milliseconds above zero\.$/,
    )
    expect(peer.requests('tools/call')).toEqual([])
  })

  test('a task that is not wished for gives a result', async () => {
    const client = await server().connect()
    for (const task of [undefined, false]) {
      const result = client.callTool('job', {}, { task } as never) as unknown as ReturnType<typeof client.callTool>
      expect(textOf(await result)).toBe('done')
    }
  })

  test('what names no task, no status and no page is refused', async () => {
    const client = await server().connect()
    for (const id of ['', 7, null, undefined]) {
      for (const use of ['get', 'cancel', 'result'] as const)
        expect(await invalid(client.tasks[use](id as string))).toContain('Option taskId is ')
    }
    for (const limit of [0, -1, 1.5, '3'])
      expect(await invalid(client.tasks.list({ limit: limit as number }))).toContain('limit')
    expect(await invalid(client.tasks.list({ cursor: 'longcall:spoiled' }))).toContain(
      'Option cursor is "longcall:spoiled"',
    )
    const task = await client.callTool('job', {}, { task: true })
    expect(await invalid(task.wait({ until: 'done' as 'completed' }))).toContain(
      'Option until is "done"; it must be one of working',
    )
  })
})

test('a client with a bad option is not made', () => {
  expect(() => new Client('https://example.com/mcp', { era: '2025' as 'legacy' })).toThrow(InvalidOptionError)
})

/** Ways to use a client that its types forbid, by what its error is to name. */
const misuses: readonly (readonly [named: string, use: string, misuse: (client: Client) => unknown])[] = [
  ['name', "callTool('')", (client) => client.callTool('')],
  ['name', 'callTool(7n)', (client) => client.callTool(7n as never)],
  ['name', 'callTool()', (client) => client.callTool(undefined as never)],
  ['name', "raw.callTool('')", (client) => client.raw.callTool('')],
  ['name', 'raw.callTool(7n)', (client) => client.raw.callTool(7n as never)],
  ['arguments', "callTool('job', null)", (client) => client.callTool('job', null as never)],
  ['arguments', "callTool('job', [1])", (client) => client.callTool('job', [1] as never)],
  ['arguments', "callTool('job', 'x')", (client) => client.callTool('job', 'x' as never)],
  ['arguments', "raw.callTool('job', null)", (client) => client.raw.callTool('job', null as never)],
  ['options', "callTool('job', {}, null)", (client) => client.callTool('job', {}, null as never)],
  ['options', "callTool('job', {}, 7)", (client) => client.callTool('job', {}, 7 as never)],
  ['options', "raw.callTool('job', {}, null)", (client) => client.raw.callTool('job', {}, null as never)],
  ['signal', "callTool('job', {}, { signal: {} })", (client) => client.callTool('job', {}, { signal: {} as never })],
  [
    'signal',
    "callTool('job', {}, { signal: 7, task })",
    (client) => client.callTool('job', {}, { signal: 7 as never, task: true }),
  ],
  ['signal', 'ping({ signal: {} })', (client) => client.ping({ signal: {} as never })],
  ['signal', 'listTools({ signal: {} })', (client) => client.listTools({ signal: {} as never })],
  ['signal', 'connect({ signal: {} })', (client) => client.connect({ signal: {} as never })],
  ['options', 'ping(null)', (client) => client.ping(null as never)],
  ['options', 'listTools(null)', (client) => client.listTools(null as never)],
  ['options', 'listTools(7)', (client) => client.listTools(7 as never)],
  ['options', 'listPrompts(null)', (client) => client.listPrompts(null as never)],
  ['options', 'raw.listTools(null)', (client) => client.raw.listTools(null as never)],
  ['options', "readResource('memo:one', null)", (client) => client.readResource('memo:one', null as never)],
  ['options', "subscribeResource('memo:one', null)", (client) => client.subscribeResource('memo:one', null as never)],
  ['reference', 'complete(null, null)', (client) => client.complete(null as never, null as never)],
  [
    'argument',
    'complete({ ... }, null)',
    (client) => client.complete({ type: 'ref/prompt', name: 'p' }, null as never),
  ],
  ['name', 'getPrompt(7)', (client) => client.getPrompt(7 as never)],
  ['name', "getPrompt('')", (client) => client.getPrompt('')],
  ['options', "getPrompt('p', {}, null)", (client) => client.getPrompt('p', {}, null as never)],
  ['handlers', 'setHandlers(null)', (client) => client.setHandlers(null as never)],
  ['handlers', 'setHandlers(7)', (client) => client.setHandlers(7 as never)],
  ['options', 'connect(null)', (client) => client.connect(null as never)],
]

describe.each(['2025-11-25', '2026-07-28'] as const)('on a %s server, what types forbid', (generation) => {
  test.each(misuses)('names %s, and sends nothing: %s', async (named, _use, misuse) => {
    const server = new ScriptedServer(generation, {})
    const client = await server.connect()
    const before = server.received.length
    const message = await invalid(Promise.resolve().then(() => misuse(client)))
    expect(message).toMatch(new RegExp(`^Option ${named} is .+; it must be `))
    expect(server.received.slice(before)).toEqual([])
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['job'])
  })
})

test.each([
  ['eraCache', { eraCache: {} }],
  ['eraCache', { eraCache: null }],
  ['eraCache', { eraCache: { get: () => Promise.resolve() } }],
  ['clock', { clock: {} }],
  ['clock', { clock: null }],
  ['clock', { clock: { now: Date.now, sleep: 7 } }],
])('a client whose %s cannot be used is not made: %o', async (named, options) => {
  const message = new RegExp(`^Option ${named} is .+; it must be an object with the methods `)
  expect(() => new Client('https://example.com/mcp', options as unknown as ClientOptions)).toThrow(InvalidOptionError)
  const connecting = Client.connect('https://example.com/mcp', options as unknown as ClientOptions)
  expect(await invalid(connecting)).toMatch(message)
})

describe.each(plainSettings().filter(({ setting }) => setting.transport !== 'memory'))(
  'on a server of $name, arguments',
  ({ setting }) => {
    test.each([
      ['a bigint', () => ({ deep: [{ big: 7n }] })],
      [
        'a circle',
        () => {
          const round: Record<string, unknown> = {}
          return Object.assign(round, { round })
        },
      ],
    ])('that JSON cannot hold are refused, and not sent: %s', async (_what, make) => {
      const client = await (await serveTools(setting)).connect()
      for (const call of [
        () => client.callTool('give', make()),
        () => client.callTool('give', make(), { task: true }),
        () => client.raw.callTool('give', make()),
      ])
        expect(await invalid(call())).toMatch(/^Option arguments is .+; it must be what JSON can hold/)
      expect(client.pendingRequests).toEqual([])
      expect((await reportOf(client)).asked['tools/call']).toBe(1)
    })
  },
)

import { describe, expect, test } from 'vitest'
import type { Client } from '@longcall/client'
import { badSettings, clearError, connectBad, unreadable, type BadSetting } from '../support/bad.ts'

/** One thing to ask of a server. */
interface Operation {
  readonly name: string
  /** The request that it sends; one that differs on 2026-07-28, or that is not sent there at all. */
  readonly method: string
  readonly modern?: string | null
  readonly run: (client: Client, options?: { readonly idleTimeoutMs: number }) => Promise<unknown>
  /** What it gives where all is well. */
  readonly gives: unknown
  /** The list that it reads, where it reads one. */
  readonly list?: true
  /** Whether any answer will do that is an object: there is nothing in it to read. */
  readonly anyAnswer?: true
}

const operations: readonly Operation[] = [
  {
    name: 'listTools',
    method: 'tools/list',
    run: (client, options) => client.listTools(options),
    gives: [expect.objectContaining({ name: 'job' })],
    list: true,
  },
  {
    name: 'listResources',
    method: 'resources/list',
    run: (client, options) => client.listResources(options),
    gives: [{ uri: 'memo:one', name: 'one' }],
    list: true,
  },
  {
    name: 'listResourceTemplates',
    method: 'resources/templates/list',
    run: (client, options) => client.listResourceTemplates(options),
    gives: [{ uriTemplate: 'memo:{id}', name: 'memo' }],
    list: true,
  },
  {
    name: 'listPrompts',
    method: 'prompts/list',
    run: (client, options) => client.listPrompts(options),
    gives: [{ name: 'hello' }],
    list: true,
  },
  {
    name: 'readResource',
    method: 'resources/read',
    run: (client, options) => client.readResource('memo:one', options),
    gives: [{ uri: 'memo:one', text: 'one' }],
  },
  {
    name: 'getPrompt',
    method: 'prompts/get',
    run: (client, options) => client.getPrompt('hello', {}, options),
    gives: expect.objectContaining({ messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }] }),
  },
  {
    name: 'complete',
    method: 'completion/complete',
    run: (client, options) =>
      client.complete({ type: 'ref/prompt', name: 'hello' }, { name: 'who', value: 'o' }, options),
    gives: { values: ['one', 'only'] },
  },
  {
    name: 'subscribeResource',
    method: 'resources/subscribe',
    modern: null,
    run: (client, options) => client.subscribeResource('memo:one', options),
    gives: undefined,
    anyAnswer: true,
  },
  {
    name: 'unsubscribeResource',
    method: 'resources/unsubscribe',
    modern: null,
    run: (client, options) => client.unsubscribeResource('memo:one', options),
    gives: undefined,
    anyAnswer: true,
  },
  {
    name: 'ping',
    method: 'ping',
    modern: null,
    run: (client, options) => client.ping(options),
    gives: undefined,
    anyAnswer: true,
  },
  {
    name: 'setLoggingLevel',
    method: 'logging/setLevel',
    modern: null,
    run: (client, options) => client.setLoggingLevel('error', options),
    gives: undefined,
    anyAnswer: true,
  },
]

/** What is sent on the wire of a setting. */
const sentOn = ({ generation }: BadSetting): readonly Operation[] =>
  operations.filter(({ modern }) => generation === '2025-11-25' || modern !== null)

/** Each operation with each way to be bad. */
const eachOf = (setting: BadSetting, modes: readonly string[], fit: (operation: Operation) => boolean = () => true) =>
  sentOn(setting)
    .filter((operation) => fit(operation))
    .flatMap((operation) => modes.map((mode) => [operation.name, mode, operation] as const))
    .filter(([name, mode]) => setting.transport === 'http' || (broken.has(mode) && samples.has(name)))

/** What a transport may stumble over; the rest is read alike, whatever it came by. */
const broken = new Set([...unreadable, 'error-null', 'slow', 'huge-frame'])
const samples = new Set(['listPrompts', 'readResource', 'subscribeResource'])
const badErrors = ['error-string', 'error-null', 'error-odd', 'error-huge', 'error-and-result']
const wrongFields = ['fields-wrong', 'fields-null', 'fields-missing']

describe.concurrent.each(badSettings)('on a server of $name', ({ setting }) => {
  const waitMs = 300
  const limits = { idleTimeoutMs: waitMs }
  const connect = (context: Parameters<typeof connectBad>[0], mode: string, { method }: Operation): Promise<Client> =>
    connectBad(context, setting, mode, { on: method })

  test.for(sentOn(setting).map((operation) => [operation.name, operation] as const))(
    '%s works where nothing is bad',
    async ([, operation], context) => {
      expect(await operation.run(await connect(context, 'none', operation))).toEqual(operation.gives)
    },
  )

  test.for(eachOf(setting, unreadable))(
    '%s fails in time, and clearly, at an answer that is none: %s',
    async ([, mode, operation], context) => {
      const client = await connect(context, mode, operation)
      const startedAt = performance.now()
      const error = await clearError(operation.run(client, limits))
      expect(performance.now() - startedAt).toBeLessThan(10 * waitMs)
      expect(error.code).toMatch(/^request_(timeout|malformed)$/)
      expect(error.message.startsWith(operation.method)).toBe(true)
      await expectUnharmed(client, operation)
    },
  )

  test.for(eachOf(setting, badErrors))(
    '%s fails clearly at an error that is a bad one: %s',
    async ([, mode, operation], context) => {
      const client = await connect(context, mode, operation)
      const error = await clearError(operation.run(client, limits))
      expect(error.code).toMatch(/^(rpc_error|request_malformed|request_timeout)$/)
      expect(error.message.startsWith(operation.method)).toBe(true)
      await expectUnharmed(client, operation)
    },
  )

  test.for(eachOf(setting, wrongFields, ({ anyAnswer }) => anyAnswer !== true))(
    '%s fails clearly at an answer that lacks what is read: %s',
    async ([, mode, operation], context) => {
      const client = await connect(context, mode, operation)
      const error = await clearError(operation.run(client))
      expect(error.code).toBe('request_malformed')
      expect(error.message).toMatch(/must be/)
      await expectUnharmed(client, operation)
    },
  )

  test.for(eachOf(setting, wrongFields, ({ anyAnswer }) => anyAnswer === true))(
    '%s takes any answer, since it reads none: %s',
    async ([, mode, operation], context) => {
      expect(await operation.run(await connect(context, mode, operation))).toEqual(operation.gives)
    },
  )

  test.for(eachOf(setting, ['items-odd'], ({ list }) => list === true))(
    '%s leaves out items that are none, and says so: %s',
    async ([, mode, operation], context) => {
      const errors: Error[] = []
      const client = await connectBad(context, setting, mode, {
        on: operation.method,
        onError: (error) => void errors.push(error),
      })
      expect(await operation.run(client)).toEqual(operation.gives)
      expect(errors).toMatchObject([{ code: 'odd_list', message: expect.stringContaining(operation.method) }])
    },
  )

  test.for(eachOf(setting, ['cursor-number', 'cursor-huge'], ({ list }) => list === true))(
    '%s fails clearly at a page that leads nowhere: %s',
    async ([, mode, operation], context) => {
      const client = await connect(context, mode, operation)
      expect(await clearError(operation.run(client))).toMatchObject({
        code: 'request_malformed',
        message: expect.stringContaining('nextCursor'),
      })
      await expectUnharmed(client, operation)
    },
  )

  test.for(eachOf(setting, ['cursor-constant'], ({ list }) => list === true))(
    '%s ends where the pages go round in circles, and says so: %s',
    async ([, mode, operation], context) => {
      const errors: Error[] = []
      const client = await connectBad(context, setting, mode, {
        on: operation.method,
        onError: (error) => void errors.push(error),
      })
      const items = operation.gives as unknown[]
      expect(await operation.run(client)).toEqual([...items, ...items])
      expect(errors).toMatchObject([{ code: 'odd_list', message: expect.stringContaining('cursor twice') }])
    },
  )

  test.for(eachOf(setting, ['cursor-endless'], ({ list }) => list === true))(
    '%s ends where there is no last page: %s',
    async ([, mode, operation], context) => {
      const client = await connect(context, mode, operation)
      expect(await clearError(operation.run(client))).toMatchObject({ code: 'too_many_pages' })
      await expectUnharmed(client, operation)
    },
  )

  test.for(eachOf(setting, ['deep', 'polluting']))(
    '%s is not harmed by what else an answer holds: %s',
    async ([, mode, operation], context) => {
      const client = await connect(context, mode, operation)
      const ended = await operation.run(client).then(
        (value) => ({ value }),
        (error: Error) => ({ error }),
      )
      if ('error' in ended) await clearError(Promise.reject(ended.error))
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      await expectUnharmed(client, operation)
    },
  )

  test.for(eachOf(setting, ['slow']))(
    '%s has the time that it is given, and no more: %s',
    async ([, mode, operation], context) => {
      const client = await connect(context, mode, operation)
      expect(await clearError(operation.run(client, limits))).toMatchObject({
        code: 'request_timeout',
        failure: { kind: 'timeout', timeoutMs: waitMs },
      })
      const patient = await connectBad(context, setting, mode, { on: operation.method })
      expect(await operation.run(patient)).toEqual(operation.gives)
      // The answer that came too late is nobody's now.
      await expectUnharmed(client, operation)
    },
  )

  test.for(eachOf(setting, ['huge-frame'], ({ name }) => name === 'readResource' || name === 'listPrompts'))(
    '%s takes an answer of twenty megabytes, or fails clearly: %s',
    async ([, mode, operation], context) => {
      const client = await connectBad(context, setting, mode, { on: operation.method })
      const ended = await operation.run(client).catch((error: Error) => error)
      if (ended instanceof Error) await clearError(Promise.reject(ended))
      else expect(ended).toEqual(operation.gives)
      await expectUnharmed(client, operation)
    },
  )
})

/** All else goes on, over the same connection or another. */
async function expectUnharmed(client: Client, { name }: Operation): Promise<void> {
  const other = operations.find((operation) => operation.list === true && operation.name !== name)!
  expect(await other.run(client)).toEqual(other.gives)
  expect(client.isConnected).toBe(true)
}

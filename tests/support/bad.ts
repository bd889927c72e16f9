/** Servers that misbehave in one chosen way, and what an error about it must be like. */
import { resolve } from 'node:path'
import { expect, type TestContext } from 'vitest'
import { Client, LongcallError, type ClientOptions, type Generation, type StdioTarget } from '@longcall/client'
import { serveBadHttp } from '../peers/bad-server.mjs'

export interface BadSetting {
  readonly transport: 'stdio' | 'http'
  readonly generation: Generation
}

/** For `describe.each`, each under a name that says which it is. */
export const badSettings: readonly { readonly name: string; readonly setting: BadSetting }[] = (
  ['stdio', 'http'] as const
).flatMap((transport) =>
  (['2025-11-25', '2026-07-28'] as const).map((generation) => ({
    name: `${generation}, ${transport}`,
    setting: { transport, generation },
  })),
)

/** Answers that no request can be told to belong to, or that are no message. */
export const unreadable: readonly string[] = [
  'result-null',
  'result-string',
  'result-missing',
  'wrong-id',
  'foreign-id',
  'id-null',
  'not-json',
  'silent-call',
]

/** Where tests run side by side, each has its own: the context of the test. */
type Test = Pick<TestContext, 'onTestFinished'>

/** Starts a server that is bad in a mode, `on` one method where the mode leaves that open; what to connect to. */
export async function badServer(
  test: Test,
  setting: BadSetting,
  mode: string,
  on?: string,
): Promise<string | StdioTarget> {
  const modern = setting.generation === '2026-07-28'
  if (setting.transport === 'http') {
    const server = await serveBadHttp(0, { mode, modern, ...(on !== undefined && { on }) })
    test.onTestFinished(() => server.close())
    return server.url
  }
  return {
    command: process.execPath,
    args: [
      resolve(import.meta.dirname, '../peers/bad-stdio.mjs'),
      ...['--mode', mode, ...(on === undefined ? [] : ['--on', on]), ...(modern ? ['--modern'] : [])],
    ],
    stderr: 'ignore',
  }
}

/** Connects to such a server, insisting on its era; the client is closed when the test is over. */
export async function connectBad(
  test: Test,
  setting: BadSetting,
  mode: string,
  options: ClientOptions & { readonly on?: string } = {},
): Promise<Client> {
  const { on, ...rest } = options
  const era = setting.generation === '2026-07-28' ? '2026-07-28' : 'legacy'
  const client = await Client.connect(await badServer(test, setting, mode, on), { era, ...rest })
  test.onTestFinished(() => client.close())
  return client
}

/** What the promise rejects with, once it is seen to be an error that a person can read and a program can tell apart. */
export async function clearError(promise: Promise<unknown>): Promise<LongcallError> {
  const error = await promise.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  expectClear(error)
  return error as LongcallError
}

/** See {@link clearError}. */
function expectClear(error: unknown): void {
  expect(error).toBeInstanceOf(LongcallError)
  const { code, message } = error as LongcallError
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
  expect(message.length).toBeLessThan(3000)
  expect(message, 'a stack').not.toMatch(/^\s+at /m)
  expect(message, 'the listing of a schema').not.toMatch(/invalid_(type|union|value)|unrecognized_keys/)
}

/** What may not be too large is the same in a call that is answered at once as in a task. */
import { expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { TaskTimeoutError, type Tasks } from '@longcall/server'
import { serveRaw, withoutTasks, type Served } from '../support/raw-modern.ts'
import { textOf, type ErrorView, type ResultView } from '../support/modern-views.ts'
import { RawLegacy } from '../support/raw-legacy.ts'
import { aborted } from '../support/watched-store.ts'

const limits = { maxArgumentBytes: 1_000, maxResultBytes: 1_000, maxStepBytes: 1_000 }
const inline = { capabilities: withoutTasks }
const large = 'x'.repeat(2_000)

function tools(tasks: Tasks): void {
  tasks.registerTool('echo', {}, ({ text }) => String(text))
  tasks.registerTool('big', {}, () => large)
  tasks.registerTool('step', {}, (_args, { step }) => step('long', () => large))
}

/** What became of a call: as a task, and without one. */
async function both(
  server: Served,
  name: string,
): Promise<{ readonly result?: ResultView; readonly error?: ErrorView }[]> {
  return [await server.ended(await server.start(name)), await server.call(name, {}, inline)]
}

test('arguments that are too large are refused', async () => {
  const server = await serveRaw('memory', tools, { limits })
  const refused = { code: -32_602, message: 'The arguments of "echo" takes 2011 bytes; 1000 are allowed.' }
  for (const options of [{}, inline])
    expect((await server.call('echo', { text: large }, options)).error).toEqual(refused)
  const other = await serveRaw('memory', tools, { limits })
  const session = await RawLegacy.open(other.wire)
  const call = { name: 'echo', arguments: { text: large } }
  expect((await session.request('tools/call', call)).error).toEqual(refused)
  expect((await session.request('tools/call', { ...call, task: {} })).error).toEqual(refused)
})

test('a result that is too large is an error', async () => {
  const server = await serveRaw('memory', tools, { limits })
  for (const { error } of await both(server, 'big')) {
    expect(error).toMatchObject({
      code: -32_603,
      message: expect.stringContaining('The result of "big" takes') as string,
    })
  }
})

test('a step that keeps too much throws', async () => {
  const server = await serveRaw('memory', tools, { limits })
  for (const { result } of await both(server, 'step')) {
    expect(textOf(result)).toBe('What step "long" gave takes 2002 bytes; 1000 are allowed.')
  }
})

test.each([
  ['as a task', {}],
  ['without a task', inline],
])('a tool whose time is over finds the reason in its signal, %s', async (_how, options) => {
  const clock = new ManualClock()
  let begin: () => void = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  let reason: unknown
  const slow = (tasks: Tasks): void =>
    tasks.registerTool('slow', { timeoutMs: 1_000 }, (_args, { signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason), { once: true })
      begin()
      return aborted(signal)
    })
  const server = await serveRaw('fetch', slow, { clock })
  const call = server.call('slow', {}, options)
  await begun
  await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(1_000)
  expect(reason).toBeInstanceOf(TaskTimeoutError)
  await call
})

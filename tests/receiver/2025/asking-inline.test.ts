/** What a call asks that is answered at once: on its own stream, for as long as somebody waits for it. */
import { ManualClock } from '@longcall/core/testing'
import {
  QuestionTimeoutError,
  TaskCancelledError,
  TooLargeError,
  type QuestionOptions,
  type TasksOptions,
} from '@longcall/server'
import { expect, test } from 'vitest'
import type { RawSession, Sent } from '../../support/raw-session.ts'
import { accepted, serveMemory } from '../../support/task-tools.ts'

interface Asking {
  readonly session: RawSession
  readonly call: Sent
  /** What the tool's question came to. */
  readonly came: Promise<unknown>
}

/** Calls a tool that asks one thing. */
async function asking(
  question: QuestionOptions,
  { message = 'name?', ...options }: TasksOptions & { readonly message?: string } = {},
): Promise<Asking> {
  const { tasks, connect } = serveMemory(options)
  const came = new Promise<unknown>((resolve) => {
    tasks.registerTool('asks', {}, async (_args, context) => {
      const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
      const answer = await context.elicit({ message, requestedSchema }, question).catch((error: unknown) => error)
      resolve(answer)
      return answer instanceof Error ? answer.message : 'answered'
    })
  })
  const session = await connect()
  return { session, call: session.send('tools/call', { name: 'asks', arguments: {} }), came }
}

const textOf = async ({ answer }: Sent): Promise<unknown> => (await answer).result?.['content']

test.each([Infinity, 2 ** 40])('a question may wait for %s milliseconds', async (timeoutMs) => {
  const { session, came } = await asking({ timeoutMs })
  await session.answer(await session.question(), accepted('Ann'))
  expect(await came).toEqual(accepted('Ann'))
})

test('a question with a signal of its own is withdrawn when its call is cancelled', async () => {
  const { session, call, came } = await asking({ signal: new AbortController().signal })
  const { message } = await session.question()
  await session.notify('notifications/cancelled', { requestId: call.id, reason: 'enough' })
  expect(await came).toBeDefined()
  expect(await came).not.toHaveProperty('action')
  await session.take((each) => each.method === 'notifications/cancelled' && each.params?.['requestId'] === message.id)
})

test('a question is withdrawn by a signal of its own, and the tool gets its reason', async () => {
  const left = new AbortController()
  const { session, call, came } = await asking({ signal: left.signal })
  await session.question()
  const reason = new TaskCancelledError('t', 'it')
  left.abort(reason)
  expect(await came).toBe(reason)
  await call.answer
})

test('a question that nobody answers in time is withdrawn, and says whose it was', async () => {
  const clock = new ManualClock()
  const { session, call, came } = await asking({ timeoutMs: 5_000, key: 'who' }, { clock })
  await session.question()
  await clock.advance(5_000)
  expect(await came).toBeInstanceOf(QuestionTimeoutError)
  expect(await textOf(call)).toEqual([
    { type: 'text', text: 'Question who of the call was not answered within 5000 ms.' },
  ])
})

test('a question that is too large is not asked', async () => {
  const options = { message: 'x'.repeat(2_000), limits: { maxQuestionBytes: 1_000 } }
  const { session, call, came } = await asking({}, options)
  expect(await came).toBeInstanceOf(TooLargeError)
  await call.answer
  expect(session.questions).toEqual([])
})

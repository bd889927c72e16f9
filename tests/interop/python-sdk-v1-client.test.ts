/*
 * The experimental task client of the Python SDK v1 (2025-11-25). It asks for a task with a ttl, polls as often as it is
 * told, and gets questions while `tasks/result` is open; it forgets the progress token of a call that became a task.
 */
import { describe, expect, test } from 'vitest'
import { isMissing, pythonPeer } from '../support/third-party.ts'
import { scenariosOf, taskSupport } from './foreign-clients.ts'

const mcp1 = pythonPeer("the Python SDK v1's client", 'mcp1', 'mcp1_client.py')

const relatedTask = 'io.modelcontextprotocol/related-task'
const kaboom = { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } }
const diskFull = { text: 'disk full: 42 bytes left', is_error: true }

describe.skipIf(isMissing(mcp1, 'our server, to a task client of 2025-11-25 in another language'))(
  "the Python SDK v1's client",
  () => {
    describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const saw = scenariosOf(mcp1, transport)

      test('it finds tasks declared, and of every tool whether it may be one', () => {
        const { tasks, support } = saw('connects')
        expect(tasks).toMatchObject({ cancel: {}, requests: { tools: { call: {} } } })
        // Whose tool is a plain one may leave it unsaid.
        expect({ plain_add: 'forbidden', ...dropNulls(support) }).toEqual(taskSupport)
      })

      test('a task is kept as long as was asked for, is polled to its end, and gives its result more than once', () => {
        const { created, statuses, text, meta, again, task_id } = saw('call_as_task')
        expect(created).toMatchObject({ status: 'working', ttl: 120_000, pollInterval: expect.any(Number) })
        expect([...new Set(statuses as string[])]).toEqual(['working', 'completed'])
        expect(text).toBe('slept')
        expect(meta).toEqual({ [relatedTask]: { taskId: task_id } })
        expect(again).toEqual({ text, meta, is_error: false })
      })

      test('a result that is asked for before the end is held, and other requests pass it', () => {
        expect(saw('result_before_the_end')).toMatchObject({ meanwhile: 'working', text: 'slept', ended: 'completed' })
      })

      test('a question is seen by polling, comes when the result is asked for, once, and names its task', () => {
        const { task_id, ...seen } = saw('question_seen_by_polling')
        expect(seen).toMatchObject({
          waiting: 'input_required',
          asked_before: [],
          asked: ['name?'],
          related: [{ taskId: task_id }],
          text: 'hello Ann',
          ended: 'completed',
        })
      })

      test('two questions come one after the other while the result is held', () => {
        const asked = ['first name?', 'last name?']
        expect(saw('question_of_a_held_result')).toMatchObject({ text: 'hello Ann Lee', asked })
      })

      test('a person may say no', () => {
        expect(saw('declined_question')).toMatchObject({ text: 'hello decline', is_error: false })
      })

      test('a task has the host write with its model', () => {
        expect(saw('sampling')).toMatchObject({ text: 'sampled rain on the roof', prompts: ['write a haiku'] })
      })

      test('a question that the client answers with an error ends the task, and nothing else', () => {
        const { ended, other } = saw('question_that_is_refused')
        expect(ended).toMatchObject({ status: 'failed' })
        expect(other).toMatchObject({ text: 'slept' })
      })

      test('a tool that says it failed ends in a failed task, and its result tells why', () => {
        const { ended, ...result } = saw('tool_error')
        expect(ended).toMatchObject({ status: 'failed' })
        expect(result).toMatchObject(diskFull)
      })

      test('a JSON-RPC error of a tool ends in a failed task, and its result is that error', () => {
        expect(saw('protocol_error')).toMatchObject({ ended: { status: 'failed' }, refused: kaboom })
      })

      test('a cancelled task stays cancelled: who waits for its result is told, and a second cancel is refused', () => {
        const refused = { code: -32_602, message: expect.stringMatching(/cancelled/i) }
        expect(saw('cancel')).toMatchObject({
          cancelled: { status: 'cancelled' },
          after: { status: 'cancelled' },
          held: refused,
          result: refused,
          again: { code: -32_602 },
        })
      })

      test('a task that waits for an answer can be cancelled', () => {
        expect(saw('cancel_of_a_waiting_task')).toMatchObject({ cancelled: 'cancelled', result: { code: -32_602 } })
      })

      test('an id that was never given is not found, by get, by result and by cancel', () => {
        const unknown = { code: -32_602 }
        expect(saw('unknown_id')).toMatchObject({ get: unknown, result: unknown, cancel: unknown })
      })

      test('a tool must be a task, may be one, or must not: the wrong way is refused as no method', () => {
        expect(saw('task_support')).toMatchObject({
          optional_without: { text: 'slept' },
          required_without: { code: -32_601 },
          required: { text: 'slept' },
          forbidden_without: { text: '3' },
          forbidden: { code: -32_601 },
        })
      })

      test('plain calls ask on their own stream, and end as they would without tasks', () => {
        expect(saw('plain_calls')).toMatchObject({
          question: { text: 'hello Ann' },
          asked: ['name?'],
          tool_error: diskFull,
          protocol_error: kaboom,
          typed: { n: 7 },
        })
      })

      test('a plain call hears of its progress', () => {
        const { reports, text } = saw('progress')
        expect(reports).toEqual([1, 2, 3].map((step) => [step, 3, `step ${step} of 3`]))
        expect(text).toBe('progressed')
      })

      test('a task whose call named no progress token says how far it is in its status message', () => {
        const { said, text } = saw('status_messages')
        expect(said).toEqual(expect.arrayContaining([expect.stringContaining('step')]))
        expect(text).toBe('progressed')
      })

      test('a client that did not declare that it can be asked is not: the call fails, as a task or not', () => {
        const message = expect.stringContaining('elicitation')
        const { ended, result, plain } = saw('question_to_nobody')
        expect(ended).toMatchObject({ status: 'failed' })
        expect(result).toMatchObject({ message })
        expect(plain).toMatchObject({ message })
      })

      test('a structured result is the result of the task', () => {
        expect(saw('typed')).toMatchObject({ structured: { n: 7 } })
      })

      test('arguments that do not fit fail a plain call as its result', () => {
        expect(saw('wrong_arguments')).toMatchObject({ plain: { result: { is_error: true } } })
      })

      test('no task comes of arguments that do not fit', () => {
        expect(saw('wrong_arguments')['task']).toMatchObject({ code: -32_602 })
      })

      test('a tool that does not exist is refused, as a task or not', () => {
        const unknown = { code: -32_602, message: expect.stringContaining('no_such_tool') }
        expect(saw('wrong_arguments')).toMatchObject({ plain_unknown_tool: unknown, unknown_tool: unknown })
      })

      test('the session is told when its task is over', () => {
        expect(saw('status_notifications')['heard']).toContain('completed')
      })

      test('tasks side by side all end, each under an id of its own', () => {
        const { ids, texts } = saw('side_by_side')
        expect(new Set(ids as string[]).size).toBe(4)
        expect(texts).toEqual(['slept', 'slept', 'slept', 'slept'])
      })

      if (transport === 'stdio')
        test('the tasks of the one who started the server are listed, page by page', () => {
          const { tasks } = saw('connects')
          expect(tasks).toHaveProperty('list')
          const { started, listed, bad_cursor } = saw('listing')
          expect((listed as string[]).toSorted()).toEqual((started as string[]).toSorted())
          expect(bad_cursor).toMatchObject({ code: -32_602 })
        })

      if (transport === 'http')
        test('where nobody says who they are, tasks are not listed, and this is said', () => {
          expect(saw('connects')['tasks']).not.toHaveProperty('list')
          expect(saw('listing')).toMatchObject({ code: -32_601 })
        })

      if (transport === 'http')
        test('a task outlives its session: another one that knows its id gets its result', () => {
          expect(saw('another_session')).toMatchObject({ result: { text: 'slept' } })
        })
    })
  },
)

/** What a tool says nothing about is `null` in Python. */
function dropNulls(record: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record as object).filter(([, value]) => value !== null))
}

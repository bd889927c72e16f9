/*
 * The client of FastMCP 4 with fastmcp-tasks, the one task client of 2026-07-28 in Python. It polls only, keeps no ledger
 * of the questions it was shown, and asks again right after it answered. Over HTTP it leaves out the header that names the
 * task, `Mcp-Name`, which the specification demands with every `tasks/*`: our server does without.
 */
import { describe, expect, test } from 'vitest'
import { isMissing, pythonPeer } from '../support/third-party.ts'
import { scenariosOf, taskSupport } from './foreign-clients.ts'

const fastmcp = pythonPeer("FastMCP 4's client", 'fastmcp', 'fastmcp_client.py')
const withoutTasks = pythonPeer("FastMCP 4's client without tasks", 'fastmcp', 'fastmcp_client_without_tasks.py')

const extension = 'io.modelcontextprotocol/tasks'
const tasksRequired = { code: -32_021, data: { requiredCapabilities: { extensions: { [extension]: {} } } } }

describe.skipIf(isMissing(fastmcp, 'our server, to a task client of 2026-07-28 of another make'))(
  "FastMCP 4's client",
  () => {
    describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const saw = scenariosOf(fastmcp, transport)

      test('it connects as a client of 2026-07-28, and finds the extension and every tool', () => {
        const { version, extensions, tools } = saw('connects')
        expect(version).toBe('2026-07-28')
        expect(extensions).toHaveProperty([extension])
        expect((tools as string[]).toSorted()).toEqual(Object.keys(taskSupport))
      })

      test('a call that the server makes a task gives its result as if it were none', () => {
        expect(saw('transparent_call')).toMatchObject({ text: 'slept', is_error: false })
      })

      test('a handle shows the task at work, then completed, and gives its result', () => {
        const { created, first, ended, text } = saw('handle')
        expect(created).toMatchObject({ resultType: 'task', status: 'working', ttlMs: expect.any(Number) })
        expect(first).toMatchObject({ resultType: 'complete', status: 'working' })
        expect(ended).toMatchObject({ resultType: 'complete', status: 'completed' })
        expect(text).toBe('slept')
      })

      test('a question in the middle of a task reaches the person once, and the task goes on with the answer', () => {
        expect(saw('transparent_question')).toMatchObject({ text: 'hello Ann', asked: ['name?'] })
      })

      test('two questions come one after the other, each once', () => {
        const asked = ['first name?', 'last name?']
        expect(saw('two_questions')).toMatchObject({ text: 'hello Ann Lee', asked })
      })

      test('a handle shows that its task waits, and the question is answered when its result is asked for', () => {
        const { waiting, asked_before, asked, text } = saw('question_of_a_handle')
        expect(waiting).toMatchObject({ status: 'input_required' })
        expect(asked_before).toEqual([])
        expect(asked).toEqual(['name?'])
        expect(text).toBe('hello Ann')
      })

      test('a person may say no', () => {
        expect(saw('declined_question')).toMatchObject({ text: 'hello decline', is_error: false })
      })

      test('an answer by hand counts once: keys that were never shown and answers that come late are ignored', () => {
        const { keys, unmoved, ended } = saw('answer_by_hand')
        expect(keys).toHaveLength(1)
        expect(unmoved).toMatchObject({ status: 'input_required' })
        expect(ended).toMatchObject({ status: 'completed', result: { content: [{ text: 'hello Bob' }] } })
      })

      test('a tool that says it failed ends in a completed task with its error', () => {
        const raised = { raised: 'ToolError', message: 'disk full: 42 bytes left' }
        expect(saw('tool_error')).toMatchObject({
          transparent: raised,
          handle: raised,
          ended: { status: 'completed', result: { isError: true } },
        })
      })

      test('a JSON-RPC error of a tool ends in a failed task that keeps its code and data', () => {
        expect(saw('protocol_error')).toMatchObject({
          transparent: { raised: 'ToolError', message: 'kaboom' },
          handle: { raised: 'ToolError', message: 'kaboom' },
          ended: { status: 'failed', error: { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } } },
        })
      })

      test('a cancelled task ends as cancelled, and a second cancel is acknowledged', () => {
        expect(saw('cancel')).toMatchObject({
          ended: { status: 'cancelled' },
          result: { raised: 'ToolError', message: expect.stringContaining('was cancelled') },
          again: { result: null },
          after: { status: 'cancelled' },
        })
      })

      test('a task that waits for an answer can be cancelled, and then shows no question', () => {
        const { ended } = saw('cancel_of_a_waiting_task')
        expect(ended).toMatchObject({ status: 'cancelled' })
        expect(ended).not.toHaveProperty('inputRequests')
      })

      test('a tool that must be a task is one, and a tool that never is answers at once', () => {
        expect(saw('required_tool')).toMatchObject({ text: 'slept', handle: { text: 'slept' } })
        expect(saw('plain_tool')).toMatchObject({
          text: '3',
          as_task: { raised: 'ToolError', message: expect.stringContaining('did not run as a task') },
        })
      })

      test('a structured result passes the check against its schema, from a call and from a handle', () => {
        expect(saw('typed')).toMatchObject({ structured: { n: 7 }, data: 7, handle: { n: 7 } })
      })

      test('a task says how far it is in its status message', () => {
        const { said, text } = saw('status_messages')
        expect(said).toEqual(expect.arrayContaining([expect.stringContaining('step')]))
        expect(text).toBe('progressed')
      })

      test('a question that it refuses to answer leaves the task waiting, and can be answered later', () => {
        expect(saw('question_that_it_cannot_answer')).toMatchObject({
          refused: { raised: 'ToolError', message: expect.stringContaining('sampling/createMessage') },
          waiting: { status: 'input_required' },
          text: 'sampled rain on the roof',
        })
      })

      test('a client that did not declare that it can be asked is not: the task fails, and says why', () => {
        const { ended, result } = saw('question_to_nobody')
        expect(ended).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('elicitation') } })
        expect(result).toMatchObject({ raised: 'ToolError', message: expect.stringContaining('elicitation') })
      })

      test('an id that was never given is not found, by get, by update and by cancel', () => {
        const unknown = { code: -32_602 }
        expect(saw('unknown_id')).toMatchObject({ get: unknown, update: unknown, cancel: unknown })
      })

      test('arguments that do not fit and tools that do not exist are refused', () => {
        const { transparent, unknown_tool } = saw('wrong_arguments')
        expect(transparent).toMatchObject({ message: expect.stringMatching(/ms|number|invalid/i) })
        expect(unknown_tool).toMatchObject({ code: -32_602 })
      })

      test('tasks side by side all end, each under an id of its own', () => {
        const { ids, texts } = saw('side_by_side')
        expect(new Set(ids as string[]).size).toBe(4)
        expect(texts).toEqual(['slept', 'slept', 'slept', 'slept'])
      })

      test('a caller who runs out of patience stops waiting, no more', () => {
        expect(saw('timeout_of_the_caller')).toMatchObject({ raised: 'TimeoutError', state: { status: 'working' } })
      })

      test('a connection of 2025-11-25, on which it knows no tasks, gets results and questions in the call', () => {
        expect(saw('legacy_connection')).toMatchObject({
          version: '2025-11-25',
          text: 'slept',
          question: { text: 'hello Ann' },
          asked: ['name?'],
          required: { code: -32_601 },
        })
      })

      if (transport === 'http')
        test('a task is found by its id from another connection', () => {
          expect(saw('another_client')).toMatchObject({ result: 'slept' })
        })
    })
  },
)

describe.skipIf(isMissing(withoutTasks, 'our server, to a client of 2026-07-28 that declares no tasks'))(
  "FastMCP 4's client without tasks",
  () => {
    describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const saw = scenariosOf(withoutTasks, transport)

      test('a tool that may be a task answers at once', () => {
        expect(saw('optional_tool')).toMatchObject({ version: '2026-07-28', text: 'slept', is_error: false })
      })

      test('a tool that must be a task is refused, with the name of what the client lacks', () => {
        expect(saw('required_tool')).toMatchObject(tasksRequired)
      })

      test('a tool that asks is seen through in several rounds, and asks once', () => {
        expect(saw('question')).toMatchObject({ text: 'hello Ann', asked: ['name?'] })
      })

      test('a tool asks a second time in a further round', () => {
        expect(saw('two_questions')).toMatchObject({ text: 'hello Ann Lee', asked: ['first name?', 'last name?'] })
      })

      test('errors arrive as they are: of the tool as a result, of the protocol with code and data', () => {
        expect(saw('errors')).toMatchObject({
          tool: { raised: 'ToolError', message: 'disk full: 42 bytes left' },
          protocol: { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } },
        })
      })

      test('a structured result passes the check against its schema', () => {
        expect(saw('typed')).toMatchObject({ structured: { n: 7 } })
      })

      test('a plain tool of the server works as ever', () => {
        expect(saw('plain_tool')).toMatchObject({ text: '3', is_error: false })
      })

      test('the methods of tasks are refused, with the name of what the client lacks', () => {
        expect(saw('tasks_methods')).toMatchObject(tasksRequired)
      })
    })
  },
)

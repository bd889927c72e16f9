/*
 * The experimental task handlers of the Python SDK v1's client (2025-11-25): our server asks for answers in tasks of the
 * client's. Its handlers run in the receive loop, so that a held `tasks/result` would stop all other traffic; it leaves a
 * `ttl` of `null` out, and says of a failed task no more than its handlers make of it.
 */
import { describe, expect, test } from 'vitest'
import { isMissing, pythonPeer } from '../support/third-party.ts'
import { askingServer, scenariosOf } from './foreign-clients.ts'

const hosting = pythonPeer("the Python SDK v1's client", 'mcp1', 'mcp1_hosting_client.py')

describe.skipIf(isMissing(hosting, 'our server, to a client in another language that runs tasks'))(
  "the Python SDK v1's client that runs tasks",
  () => {
    describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const saw = scenariosOf(hosting, transport, askingServer)

      test('answers a plain question of a plain tool', () => {
        expect(saw('plain_tool_plain_question')).toMatchObject({
          text: 'hello Ann',
          asked: ['plainly'],
          named: [false],
        })
      })

      test('answers a plain tool in a task', () => {
        expect(saw('plain_tool_tasked_question')).toMatchObject({
          text: 'hello Ann',
          asked: ['in a task'],
          named: [false],
          statuses: ['completed'],
        })
      })

      test('answers a plain question of a tasked tool, which names its task', () => {
        expect(saw('tasked_tool_plain_question')).toMatchObject({
          text: 'hello Ann',
          asked: ['plainly'],
          named: [true],
        })
      })

      test('answers a tasked tool in a task, and is polled while its own tasks/result is open', () => {
        expect(saw('tasked_tool_tasked_question')).toMatchObject({
          text: 'hello Ann',
          asked: ['in a task'],
          named: [true],
          statuses: ['completed'],
        })
      })

      test('writes with its model in a task, with the ttl that was asked for', () => {
        const poem = { text: 'Roses are red.', asked: ['in a task'], ttls: [60_000] }
        expect(saw('plain_tool_tasked_sampling')).toMatchObject(poem)
        expect(saw('tasked_tool_tasked_sampling')).toMatchObject(poem)
      })

      test('answers what a tool asks before there is a task, be it plain or in a task', () => {
        expect(saw('asked_before_the_task')).toMatchObject({
          text: 'hello Ann and Ann',
          asked: ['plainly', 'in a task'],
          named: [false, false],
        })
      })

      test('may leave out the ttl of a task that never expires', () => {
        expect(saw('kept_for_ever')).toMatchObject({ plain: 'hello Ann', tasked: 'hello Ann' })
      })

      test('answers two questions at once, each in its own way', () => {
        for (const tool of ['plain', 'tasked']) {
          const { text, asked } = saw(`${tool}_tool_asks_twice_at_once`)
          expect(text).toBe('hello Ann, hello Ann')
          expect(new Set(asked as string[])).toEqual(new Set(['in a task', 'plainly']))
        }
      })

      test('may take its time, and other requests pass meanwhile', () => {
        expect(saw('slow_person')).toEqual(
          expect.objectContaining({ text: 'hello Ann', tools: true, working: ['working'], asked: ['in a task'] }),
        )
      })

      test('has its task cancelled when the tool gives up asking', () => {
        const given = { text: 'gave up: question_timeout', statuses: ['cancelled'] }
        expect(saw('given_up')).toMatchObject({ plain: given, tasked: given })
      })

      test('has its task cancelled when it cancels the tool that asks', () => {
        expect(saw('cancelled_tool')).toMatchObject({ held: { code: -32_602 }, statuses: ['cancelled'] })
      })

      test('fails its task with an error, which the tool gets, and with it what the task says of itself', () => {
        const error = { code: -32_050, message: 'no eyes: nobody is there' }
        expect(wrongs(saw('failed_with_an_error'))).toEqual([error, error])
      })

      test('fails its task without a result, and the tool gets what its status message says', () => {
        const error = { code: -32_603, message: expect.stringContaining('nobody is there') }
        expect(wrongs(saw('failed_without_one'))).toEqual([error, error])
      })

      test('refuses to make a task, and the tool gets the refusal', () => {
        const error = { code: -32_600, message: 'not now' }
        expect(wrongs(saw('refused'))).toEqual([error, error])
      })

      test('is not asked where it declares the task but not the question', () => {
        expect(saw('tasks_alone')).toMatchObject({ message: expect.stringContaining('elicitation'), asked: [] })
      })
    })
  },
)

/** The JSON-RPC errors that a plain and a tasked tool got. */
function wrongs({ plain, tasked }: Readonly<Record<string, unknown>>): unknown[] {
  return [plain, tasked].map((text) => JSON.parse(String(text)) as unknown)
}

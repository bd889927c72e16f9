/*
 * The experimental tasks of the Python SDK v1 (2025-11-25) in the other direction: its server asks for answers in tasks of
 * our client's. A tasked tool asks on the stream of `tasks/result` and polls on the session's own stream, over HTTP that of
 * GET, while `tasks/result` is open. It looks at what the client declared, and takes no answer but a task.
 */
import { describe, expect, test } from 'vitest'
import type { Client, ClientOptions, HostTasks } from '@longcall/client'
import { expectSoon, gate, person, textOf } from '../support/answering.ts'
import { failure } from '../support/failure.ts'
import { isMissing, pythonPeer, sharedPeer } from '../support/third-party.ts'

const asking = pythonPeer('the Python SDK v1', 'mcp1', 'mcp1_asking_server.py')

const cells = [
  { tool: 'plain', asTask: false },
  { tool: 'tasked', asTask: true },
] as const

describe.skipIf(isMissing(asking, 'a server of another language that asks for answers in tasks'))(
  'a server on the Python SDK v1',
  () => {
    describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const peer = sharedPeer(asking, transport)
      const connect = (options: ClientOptions): Promise<Client> => peer.connect({ era: 'legacy', ...options })

      describe.each(cells)('in a $tool tool', ({ asTask }) => {
        const call = async (client: Client, name: string): Promise<string | undefined> =>
          textOf(
            asTask ? await (await client.callTool(name, {}, { task: true })).result() : await client.callTool(name),
          )

        test('asks plainly, and is answered plainly', async () => {
          const { asked, options } = person()
          const client = await connect(options)
          expect(await call(client, 'name_plainly')).toBe('hello Ann')
          expect(await call(client, 'poem_plainly')).toBe('Roses are red.')
          expect(asked).toEqual(['plainly: Who are you?'])
        })

        test('elicits in a task, polls it to completed, and gets the answer', async () => {
          const { asked, options } = person()
          expect(await call(await connect(options), 'name_as_task')).toBe('hello Ann')
          expect(asked).toEqual(['in a task: Who are you?'])
        })

        test('has a message created in a task', async () => {
          expect(await call(await connect(person().options), 'poem_as_task')).toBe('Roses are red.')
        })

        test('waits for a person who takes their time, while the client goes on', async () => {
          const { open, opened } = gate()
          let isAsked = false
          const onElicitation: HostTasks['onElicitation'] = async () => {
            isAsked = true
            await opened
            return { action: 'decline' }
          }
          const client = await connect({ hostTasks: { pollIntervalMs: 20, onElicitation } })
          const said = call(client, 'name_as_task')
          await expectSoon(() => isAsked).toBe(true)
          expect(await client.listTools()).not.toEqual([])
          open()
          expect(await said).toBe('hello decline')
        })
      })

      test('a tasked tool names its task in the question, and the handler gets to know it', async () => {
        const related: unknown[] = []
        const onElicitation: HostTasks['onElicitation'] = (_request, { relatedTaskId, ttlMs }) => {
          related.push([relatedTaskId, ttlMs])
          return { action: 'cancel' }
        }
        const client = await connect({ hostTasks: { pollIntervalMs: 20, onElicitation } })
        const task = await client.callTool('name_as_task', {}, { task: true })
        await task.result()
        expect(related).toEqual([[task.id, 60_000]])
      })

      test('gets, lists and cancels a task; one that is over, and one that never was, are refused', async () => {
        const { opened } = gate()
        const signals: AbortSignal[] = []
        const onElicitation: HostTasks['onElicitation'] = async (_request, { signal }) => {
          signals.push(signal)
          await opened
          return { action: 'cancel' }
        }
        const client = await connect({ hostTasks: { onElicitation } })
        const seen = JSON.parse(textOf(await client.callTool('all_methods')) ?? '') as object
        const task = { status: 'working', ttl: 60_000, pollInterval: 1000 }
        expect(seen).toMatchObject({
          created: task,
          got: task,
          listed: true,
          cancelled: 'cancelled',
          after: 'cancelled',
          again: { code: -32_602 },
          result: { code: -32_602, message: expect.stringContaining('cancelled') },
          unknown: { code: -32_602 },
        })
        expect(signals.map(({ aborted }) => aborted)).toEqual([true])
      })

      test('asks no client for a task that does not run any', async () => {
        const client = await connect({ onElicitation: () => ({ action: 'decline' }) })
        const error = await failure(client.callTool('name_as_task'))
        expect((error as Error).message).toContain('task-augmented elicitation')
      })

      test('that wants a task all the same is answered as if it had not', async () => {
        const client = await connect({ onElicitation: () => ({ action: 'decline' }) })
        expect(JSON.parse(textOf(await client.callTool('undeclared')) ?? '')).toMatchObject({
          answer: { action: 'decline' },
          get: { code: -32_601, message: 'tasks/get not supported' },
        })
      })

      test('that wants a task of a client without handlers is refused', async () => {
        const client = await connect({})
        expect(JSON.parse(textOf(await client.callTool('undeclared')) ?? '')).toMatchObject({
          answer: { code: -32_600 },
          get: { code: -32_601 },
        })
      })

      test('fails with the error that the task of the client ended in', async () => {
        const onElicitation = (): never => {
          throw new Error('no eyes')
        }
        const client = await connect({ hostTasks: { pollIntervalMs: 20, onElicitation } })
        const error = await failure(client.callTool('name_as_task'))
        expect((error as Error).message).toContain('no eyes')
      })
    })
  },
)

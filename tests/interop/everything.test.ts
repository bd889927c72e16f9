/*
 * The reference server of the protocol's authors. Its task tool takes four seconds and, over HTTP, keeps the task in the
 * session; it registers that tool only when the client has said that it is initialized.
 */
import { describe, expect, test } from 'vitest'
import { RpcError, TaskCancelledError, TaskNotFoundError, type ElicitationRequest } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { everything, isMissing, sharedPeer, type SharedPeer } from '../support/third-party.ts'

const research = 'simulate-research-query'
const clear = { topic: 'tides' }
const ambiguous = { topic: 'python', ambiguous: true }

describe.skipIf(isMissing(everything, 'tasks of the TypeScript SDK v1 as its authors use them'))(
  'server-everything',
  () => {
    describe.concurrent.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const peer = sharedPeer(everything, transport)

      test('a tool that the server added just after the handshake is called as the task that it must be', async () => {
        const client = await peer.connect()
        const said: (string | undefined)[] = []
        const result = await client.callTool(research, clear, { onProgress: ({ message }) => said.push(message) })
        expect(textOf(result)).toContain('# Research Report: tides')
        expect(said).toContain('Analyzing content...')
      })

      test('a question in the middle of a task is answered, once, and the task goes on with the answer', async () => {
        const person = interpreter()
        const client = await peer.connect(person)
        const task = await client.callTool(research, ambiguous, { task: true })
        const seen: string[] = []
        for await (const { status } of task.updates()) if (seen.at(-1) !== status) seen.push(status)
        expect(seen).toEqual(['working', 'input_required', 'working', 'completed'])
        expect(textOf(await task.result())).toContain('**Clarification**: snake')
        expect(person.asked).toHaveLength(1)
      })

      test('a plain call of a tool that asks sees the question through', async () => {
        const person = interpreter()
        const client = await peer.connect(person)
        expect(textOf(await client.callTool(research, ambiguous))).toContain('**Clarification**: snake')
        expect(person.asked).toEqual([expect.stringContaining('could have multiple interpretations')])
      })

      test('a cancelled task stays cancelled, and a second cancel by id is refused', async () => {
        const client = await peer.connect()
        const task = await client.callTool(research, clear, { task: true })
        expect(await task.cancel()).toMatchObject({ id: task.id, status: 'cancelled' })
        await expect(task.result()).rejects.toBeInstanceOf(TaskCancelledError)
        expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
        await expect(client.tasks.cancel(task.id)).rejects.toBeInstanceOf(RpcError)
      })

      test('the server lists its tasks, and gives the result of one by its id, more than once', async () => {
        const client = await peer.connect()
        const { id } = await client.callTool(research, clear, { task: true })
        const listing = await client.tasks.list()
        expect(listing.source).toBe('server')
        expect(listing.tasks.map((task) => task.id)).toContain(id)
        const first = await client.tasks.result(id)
        expect(textOf(first)).toContain('tides')
        expect(await client.tasks.result(id)).toEqual(first)
      })

      test('an id that the server never gave is not found', async () => {
        const client = await peer.connect()
        await expect(client.tasks.get('no-such-task')).rejects.toBeInstanceOf(TaskNotFoundError)
        await expect(client.tasks.cancel('no-such-task')).rejects.toBeInstanceOf(TaskNotFoundError)
      })

      test('a tool that is never a task gives a handle of its immediate result', async () => {
        const client = await peer.connect()
        const task = await client.callTool('echo', { message: 'hi' }, { task: true })
        expect(task.returnedImmediately).toBe(true)
        expect(textOf(await task.result())).toContain('hi')
      })
    })

    describe.concurrent('over http, from another client', () => {
      const peer = sharedPeer(everything, 'http')

      test('a task is picked up by its reference: the session is opened again', async () => {
        const reference = await leave(peer, clear)
        const other = await peer.connect()
        const task = other.tasks.resume(reference)
        expect(textOf(await task.result())).toContain('# Research Report: tides')
        await expect(other.tasks.get(reference.taskId)).rejects.toBeInstanceOf(TaskNotFoundError)
      })

      test('a question that nobody answered yet is answered by the client that picks the task up', async () => {
        const reference = await leave(peer, ambiguous)
        const person = interpreter()
        const other = await peer.connect(person)
        expect(textOf(await other.tasks.resume(reference).result())).toContain('**Clarification**: snake')
        expect(person.asked).toHaveLength(1)
      })
    })
  },
)

/** Starts a task with a client that then goes away, and gives the reference as another process would read it. */
async function leave(peer: SharedPeer, args: Readonly<Record<string, unknown>>) {
  const client = await peer.connect({ capabilities: { elicitation: { form: {} } } })
  const task = await client.callTool(research, args, { task: true })
  const reference = JSON.stringify(task)
  await client.close()
  return JSON.parse(reference) as ReturnType<typeof task.toJSON> & { taskId: string }
}

/** A person who always means the snake. */
function interpreter() {
  const asked: string[] = []
  return {
    asked,
    onElicitation: (request: ElicitationRequest) => {
      asked.push(request.message)
      return { action: 'accept' as const, content: { interpretation: 'snake' } }
    },
  }
}

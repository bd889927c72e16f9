/*
 * The tools of the protocol's authors that want their client to answer in a task of its own. They are registered only for
 * a client that declares so, poll once a second, and put all that they saw of the task in their result.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ClientOptions, ToolResult } from '@longcall/client'
import { expectSoon } from '../support/answering.ts'
import { everything, isMissing, sharedPeer } from '../support/third-party.ts'

const sampling = 'trigger-sampling-request-async'
const elicitation = 'trigger-elicitation-request-async'

describe.skipIf(isMissing(everything, "a server of the protocol's authors that asks for answers in tasks"))(
  'server-everything',
  () => {
    describe.concurrent.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const peer = sharedPeer(everything, transport)
      const era = 'legacy'

      const tools = async (options: ClientOptions): Promise<readonly string[]> => {
        const client = await peer.connect({ era, ...options })
        // It registers them once it has heard that the client is initialized; this one it registers for everybody.
        const names = async (): Promise<string[]> => (await client.listTools()).map(({ name }) => name)
        await expectSoon(names).toContain('simulate-research-query')
        return (await names()).filter((name) => name === sampling || name === elicitation)
      }

      test('offers a client just the kinds of tasks that it declares', async () => {
        const onSampling = () => 'a text'
        const onElicitation = () => ({ action: 'decline' }) as const
        expect(await tools({ onSampling, onElicitation })).toEqual([])
        expect(await tools({ hostTasks: { onSampling } })).toEqual([sampling])
        expect(await tools({ hostTasks: { onElicitation } })).toEqual([elicitation])
        expect(await tools({ hostTasks: { onSampling, onElicitation } })).toHaveLength(2)
      })

      test('has the host write with its model in a task, which it polls to its end', async () => {
        const client = await peer.connect({
          era,
          hostTasks: { onSampling: ({ maxTokens }) => `a text of ${maxTokens} tokens` },
        })
        const said = await call(client.callTool(sampling, { prompt: 'p', maxTokens: 5 }))
        expect(said).toContain('[COMPLETED]')
        expect(said).toContain('Poll 1: completed')
        expect(said).toContain('a text of 5 tokens')
      })

      test('has a person answer in a task', async () => {
        const asked: unknown[] = []
        const client = await peer.connect({
          era,
          hostTasks: {
            onElicitation: ({ message }, { taskId, ttlMs }) => {
              asked.push([message, taskId, ttlMs])
              return { action: 'accept', content: { name: 'Ann', favoriteColor: 'Red', agreeToTerms: true } }
            },
          },
        })
        const said = await call(client.callTool(elicitation))
        expect(said).toContain('- Name: Ann')
        expect(said).toContain('- Agreed to terms: true')
        const [[message, taskId, ttlMs]] = asked as [[string, string, number]]
        expect(asked).toHaveLength(1)
        expect(message).toContain('async task demo')
        expect(said).toContain(`Task created: ${taskId}`)
        expect(ttlMs).toBe(600_000)
      })

      test('a person may say no in a task', async () => {
        const client = await peer.connect({ era, hostTasks: { onElicitation: () => ({ action: 'decline' }) } })
        expect(await call(client.callTool(elicitation))).toContain('[DECLINED]')
      })

      test('learns that a task of the client failed, and what its handler says of itself meanwhile', async () => {
        const client = await peer.connect({
          era,
          hostTasks: {
            onElicitation: async (_request, { updateStatus, signal }) => {
              updateStatus('looking for a person')
              // Until it was polled once.
              await sleep(1500, undefined, { signal })
              throw new Error('nobody is there')
            },
          },
        })
        const said = await call(client.callTool(elicitation))
        expect(said).toContain('Poll 1: working - looking for a person')
        expect(said).toMatch(/^\[FAILED\].*nobody is there/)
      })
    })
  },
)

/** All that a call gave, in one text. */
async function call(result: Promise<ToolResult>): Promise<string> {
  const { content } = await result
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
}

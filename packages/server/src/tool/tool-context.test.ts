import { expect, test } from 'vitest'
import { toolContext, type ToolExecution } from './tool-context.ts'

/** A tool's execution that keeps what it is asked to ask. */
function recording(): { readonly asked: object[]; readonly execution: ToolExecution } {
  const asked: object[] = []
  return {
    asked,
    execution: {
      taskId: 't',
      attempt: 1,
      request: { arguments: {} },
      signal: new AbortController().signal,
      updateStatus: () => {},
      progress: () => {},
      step: async (_name, work) => work(),
      ask: (question) => {
        asked.push(question.params)
        return Promise.resolve({ action: 'decline' })
      },
    },
  }
}

test.each([0, -1, 1.5, Number.NaN, Infinity])(
  'a question whose task is to be kept for %s ms is not asked, and the error says why',
  async (ttlMs) => {
    const { asked, execution } = recording()
    const form = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } } as const
    await expect(toolContext(execution, () => {}).elicit(form, { task: { ttlMs } })).rejects.toThrow(
      `task.ttlMs of a question must be whole milliseconds above zero, but is ${ttlMs}.`,
    )
    expect(asked).toEqual([])
  },
)

test.each([
  [true, 86_400_000],
  [{}, 86_400_000],
  [{ ttlMs: 5 }, 5],
] as const)('a question with the option task: %o asks for a ttl of %i ms', async (task, ttl) => {
  const { asked, execution } = recording()
  await toolContext(execution, () => {}).createMessage({ messages: [], maxTokens: 1 }, { task })
  expect(asked).toEqual([{ messages: [], maxTokens: 1, task: { ttl } }])
})

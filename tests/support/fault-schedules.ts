/** Random tasks of the dual server under random, finite trouble; and what must be true afterwards, whatever happened. */
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect } from 'vitest'
import {
  LongcallError,
  RequestError,
  type Client,
  type ClientOptions,
  type ToolResult,
  type ToolTask,
} from '@longcall/client'

/** A task to start, and perhaps to cancel a while later. */
export interface Errand {
  readonly tool: (typeof tools)[number]
  readonly ms: number
}

const tools = [
  'slow',
  'confirm',
  'multi',
  'two_rounds',
  'failing_job',
  'protocol_error_job',
  'sample',
  'typed',
  // Runs until it is cancelled.
  'hang',
] as const

export const errands: fc.Arbitrary<readonly Errand[]> = fc.array(
  fc.tuple(fc.constantFrom(...tools), fc.integer({ min: 0, max: 300 })).map(([tool, ms]) => ({ tool, ms })),
  { minLength: 1, maxLength: 4 },
)

/** How a task ended, in words that can be compared. */
type Ending = { readonly result: unknown } | { readonly error: unknown }

export interface Outcome {
  readonly errand: Errand
  /** Absent when the call failed before the task's id was here. */
  readonly task: ToolTask | undefined
  /** What `callTool`, or else the task, ended in. */
  readonly ending: Ending
}

/** People and models that remember what they were asked, and give each question an answer of its own. */
export class Audience {
  /** `task message`, as often as it was put. */
  readonly asked: string[] = []
  readonly handlers: Pick<ClientOptions, 'onElicitation' | 'onSampling'> = {
    onElicitation: async ({ message }, { taskId }) => {
      const name = this.#hear(taskId, message)
      await sleep(name.length)
      return { action: 'accept', content: { name } }
    },
    onSampling: ({ messages }, { taskId }) => {
      const text = this.#hear(taskId, JSON.stringify(messages[0]?.content))
      return { model: 'm', role: 'assistant', content: { type: 'text', text } }
    },
  }

  #hear(taskId: string | undefined, message: string): string {
    this.asked.push(`${taskId} ${message}`)
    return `answer ${this.asked.length}`
  }
}

/** Runs the errands to their ends. Rejects when one has none after a long time. */
export async function run(client: Client, list: readonly Errand[], deadlineMs: number): Promise<readonly Outcome[]> {
  const late = new AbortController()
  const deadline = sleep(deadlineMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not every task has ended after ${deadlineMs} ms`)
  })
  try {
    return await Promise.race([Promise.all(list.map((errand, index) => runOne(client, errand, index))), deadline])
  } finally {
    late.abort()
    await deadline.catch(() => {})
  }
}

async function runOne(client: Client, errand: Errand, index: number): Promise<Outcome> {
  const { tool, ms } = errand
  let task: ToolTask
  try {
    task = await client.callTool(tool, argumentsOf(errand, index), { task: true })
  } catch (error) {
    return { errand, task: undefined, ending: { error } }
  }
  const ending = endingOf(() => task.result())
  if (tool === 'hang') {
    await sleep(ms)
    await task.cancel()
  }
  return { errand, task, ending: await ending }
}

function argumentsOf({ tool, ms }: Errand, index: number): Record<string, unknown> {
  switch (tool) {
    case 'slow':
    case 'failing_job':
      return { ms, ...(tool === 'slow' && { label: `errand ${index}` }) }
    case 'confirm':
      return { filename: `file ${index}` }
    case 'sample':
      return { prompt: `prompt ${index}` }
    default:
      return {}
  }
}

async function endingOf(result: () => Promise<ToolResult>): Promise<Ending> {
  try {
    const { content, structuredContent } = await result()
    return { result: { content, structuredContent } }
  } catch (error) {
    return { error }
  }
}

/** What the server says of a task when it is asked anew, by somebody who is in no trouble. */
export interface FaultWitness {
  readonly status: (taskId: string) => Promise<string>
  readonly result?: (taskId: string) => Promise<ToolResult>
}

/** What every errand must have come to. */
export async function expectTheTruth(
  outcomes: readonly Outcome[],
  audience: Audience,
  witness: FaultWitness,
): Promise<void> {
  expect(new Set(audience.asked).size, 'no question is put twice').toBe(audience.asked.length)
  for (const { errand, task, ending } of outcomes) {
    if (task === undefined) {
      expect(ending, 'a call without a task').toMatchObject({ error: expect.any(RequestError) })
      continue
    }
    const name = `${errand.tool} ${task.id}`
    const status = await witness.status(task.id)
    expect({ name, code: codeOf(ending), status: task.latest?.status }).toEqual({
      name,
      code: codes[errand.tool],
      status,
    })
    const { result } = witness
    if (result !== undefined)
      expect({ name, ...shown(ending) }).toEqual({ name, ...shown(await endingOf(() => result(task.id))) })
    expectItsAnswers(errand, task, ending, audience)
  }
}

const codes: Readonly<Record<Errand['tool'], string>> = {
  slow: 'result',
  confirm: 'result',
  multi: 'result',
  two_rounds: 'result',
  sample: 'result',
  typed: 'result',
  failing_job: 'tool_error',
  protocol_error_job: 'task_failed',
  hang: 'task_cancelled',
}

function codeOf(ending: Ending): string {
  if ('result' in ending) return 'result'
  return ending.error instanceof LongcallError ? ending.error.code : String(ending.error)
}

/** The operation is not known to a client that only has the id, so messages may differ in the tool's name. */
function shown(ending: Ending): object {
  if ('result' in ending) return ending
  const { code, rpcError, result } = ending.error as { code?: unknown; rpcError?: unknown; result?: unknown }
  return { code, rpcError, result: (result as { content?: unknown } | undefined)?.content }
}

/** The result names the answers that were given to this task's questions, and no others. */
function expectItsAnswers({ tool }: Errand, task: ToolTask, ending: Ending, { asked }: Audience): void {
  if (!['confirm', 'multi', 'two_rounds', 'sample'].includes(tool)) return
  const own = asked.flatMap((question, index) => (question.startsWith(task.id) ? [`answer ${index + 1}`] : []))
  expect(own).toHaveLength(tool === 'multi' || tool === 'two_rounds' ? 2 : 1)
  const said = [...JSON.stringify(ending).matchAll(/answer \d+/g)].map(([answer]) => answer)
  expect(said.toSorted()).toEqual(own.toSorted())
}

/** How many schedules to walk, and from where: `FAULT_RUNS`, `FAULT_SEED` and `FAULT_PATH` of a report. */
export function schedule(defaultRuns: number): fc.Parameters<unknown> {
  const { FAULT_RUNS, FAULT_SEED, FAULT_PATH } = process.env
  return {
    numRuns: Number(FAULT_RUNS ?? defaultRuns),
    ...(FAULT_SEED !== undefined && { seed: Number(FAULT_SEED) }),
    ...(FAULT_PATH !== undefined && { path: FAULT_PATH }),
    // What went wrong depends on time, so a smaller schedule that goes well proves nothing.
    endOnFailure: true,
    verbose: true,
  }
}

import { defaultLeaseMs, generateTaskId, MemoryStore, UnknownToolError, type JsonObject } from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'
import { startTask } from '../calls/call.ts'
import type { Caller } from '../calls/caller.ts'
import type { Tasks, TasksOptions } from '../tasks/tasks.ts'
import { Gate } from './gate.ts'
import { prepareRun } from './prepare-run.ts'
import { Recorder } from './recorder.ts'
import { TaskWatch } from './task-watch.ts'
import { ToolRun } from './tool-run.ts'

/** How {@link runTool} runs a tool. */
export interface RunToolOptions {
  /** The clock that tasks go by; pass one to give it to the tool as well. */
  readonly clock?: ManualClock
  /** Who calls; nobody in particular by default. */
  readonly principal?: string
  /** What the caller's token allows; nothing by default, and there is no token without a `principal`. */
  readonly scopes?: readonly string[]
  /** What the client says it can do; by default, answer every kind of question. */
  readonly capabilities?: JsonObject
  /** The `_meta` of the call. */
  readonly meta?: JsonObject
  /** W3C trace context of the caller. */
  readonly traceparent?: string
  /** How long the client wants the task kept. */
  readonly ttlMs?: number
  /** How the tasks are kept, run and limited, as for `createTasks`. */
  readonly tasks?: Omit<TasksOptions, 'backend' | 'clock'>
}

/**
 * Calls a tool as a task, in memory and without a server, so that a test can watch it, answer its questions, let time pass
 * and kill its process.
 *
 * ```ts
 * await using run = await runTool(declareTools, 'render', { frames: 900 })
 * await run.crashAfterStep('plan')
 * await run.answer({ action: 'accept', content: { quality: 'high' } })
 * const { content } = await run.result()
 * ```
 *
 * It needs no test runner. The tool begins when the first thing is awaited of its run.
 *
 * @param declare Declares the tools, once for each process of the run: it must not keep anything that a process would lose.
 * @throws {UnknownToolError} Thrown when no tool of that name was declared.
 */
export async function runTool(
  declare: (tasks: Tasks) => void,
  tool: string,
  args: Readonly<Record<string, unknown>> = {},
  options: RunToolOptions = {},
): Promise<ToolRun> {
  const { clock = new ManualClock(), capabilities = allCapabilities, meta, traceparent, ttlMs } = options
  const { principal, scopes = [], tasks = {} } = options
  const { leaseMs = defaultLeaseMs } = tasks
  const gate = new Gate()
  const taskId = generateTaskId()
  const auth = principal === undefined ? undefined : { principal, clientId: 'test', scopes: [...scopes] }
  const owner = principal ?? ''
  const caller: Caller = { owner, quota: owner, ...(auth !== undefined && { auth }) }
  const request = {
    arguments: args as JsonObject,
    capabilities,
    ...(meta !== undefined && { meta }),
    ...(traceparent !== undefined && { traceparent }),
    ...(auth !== undefined && { auth }),
  }
  const run = new ToolRun({
    tool,
    taskId,
    clock,
    gate,
    leaseMs,
    declare,
    options: tasks,
    store: new MemoryStore({ clock }),
    watch: new TaskWatch(),
    recorder: new Recorder(gate),
    keptSteps: new Set(),
    begin: async ({ tasks: { service } }, asking) => {
      const declared = service.tools.get(tool)
      if (declared === undefined) throw new UnknownToolError(tool)
      const call = { tool: declared, caller, request }
      const prepared = await prepareRun(service, call, asking)
      if (prepared.kind === 'ready') await startTask(service, call, prepared.args, { id: taskId, ttlMs })
      return prepared
    },
  })
  await run.begun()
  return run
}

/** A client that can be asked everything. */
const allCapabilities: JsonObject = {
  elicitation: { form: {}, url: {} },
  sampling: { context: {}, tools: {} },
  roots: {},
}

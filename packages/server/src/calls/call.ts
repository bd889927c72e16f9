import type { JSONRPCRequest, ServerContext } from '@modelcontextprotocol/server'
import {
  keepableOutcome,
  LongcallError,
  TaskTimeoutError,
  toJsonObject,
  type TaskOutcome,
  type TaskRecord,
  type TaskRequest,
} from '@longcall/core'
import type { Caller } from './caller.ts'
import type { InlineCall } from './inline-call.ts'
import { argumentsToKeep } from '../tool/kept-arguments.ts'
import { checkArguments, runTool, thrownOutcome, toolErrorResult } from '../tool/run-tool.ts'
import type { TaskService } from './task-service.ts'
import type { Tool } from '../tool/tool.ts'
import { toolContext, type ToolExecution, type WriteLog } from '../tool/tool-context.ts'

/** A call of a tool, as either wire brings it. */
export interface ToolCall {
  readonly tool: Tool
  readonly caller: Caller
  readonly request: TaskRequest
}

/**
 * What is kept of a call.
 *
 * @throws {TooLargeError} Thrown when its arguments are larger than their limit, whether or not it becomes a task.
 */
export function readCall(
  { runtime }: TaskService,
  tool: Tool,
  caller: Caller,
  { params = {} }: JSONRPCRequest,
  context: ServerContext,
  capabilities: unknown,
): ToolCall {
  const meta = toJsonObject(context.mcpReq._meta ?? {}, 'the _meta of the call', maxMetaBytes)
  const header = context.http?.req?.headers.get('traceparent')
  const traceparent = typeof meta['traceparent'] === 'string' ? meta['traceparent'] : header
  return {
    tool,
    caller,
    request: {
      arguments: toJsonObject(
        params['arguments'] ?? {},
        `the arguments of ${JSON.stringify(tool.name)}`,
        runtime.limits.maxArgumentBytes,
      ),
      meta,
      ...(traceparent !== undefined && traceparent !== null && { traceparent }),
      ...(capabilities !== undefined && {
        capabilities: toJsonObject(capabilities, 'the client capabilities', maxMetaBytes),
      }),
      ...(caller.auth !== undefined && { auth: caller.auth }),
    },
  }
}

/** What a caller may send beside the arguments. */
const maxMetaBytes = 64 * 1024

/** Whether a call may go on, with these arguments, or has its outcome already. */
export type Ready =
  | { readonly kind: 'ready'; readonly args: unknown }
  | { readonly kind: 'over'; readonly outcome: TaskOutcome }

/** What a tool prepares a call in. */
export interface Preparing extends ToolExecution {
  readonly log: WriteLog
}

/**
 * Checks the arguments, and has the tool prepare them: what must happen before there is a task.
 *
 * @param begin Gives what the tool prepares in, if it prepares.
 */
export async function prepareCall(
  service: TaskService,
  { tool, request }: ToolCall,
  begin: () => Preparing | Promise<Preparing>,
): Promise<Ready> {
  const checked = await checkArguments(tool, request.arguments)
  if (checked.kind === 'unfit')
    return { kind: 'over', outcome: { kind: 'result', result: toolErrorResult(checked.why) } }
  const { prepare } = tool.config
  if (prepare === undefined) return { kind: 'ready', args: checked.value }
  const preparing = await begin()
  try {
    return { kind: 'ready', args: await prepare(checked.value, toolContext(preparing, preparing.log)) }
  } catch (error) {
    if (preparing.signal.aborted) throw error
    return { kind: 'over', outcome: thrownOutcome(tool.name, error, service.settings.maskErrors) }
  }
}

/**
 * Makes a task of a call. What a tool prepared is kept in the place of the arguments as they came.
 *
 * @param options.id Where the call may come again: then it is the same task.
 */
export async function startTask(
  { runtime, settings }: TaskService,
  { tool, caller, request }: ToolCall,
  args: unknown,
  { id, ttlMs }: { readonly id?: string | undefined; readonly ttlMs?: number | undefined } = {},
): Promise<TaskRecord> {
  const { config, name } = tool
  const { arguments: given, ...rest } = request
  const known = id === undefined ? undefined : await runtime.get(id, caller.owner)
  if (known !== undefined) return known
  const granted = ttlMs ?? config.ttlMs
  try {
    return await runtime.start({
      tool: name,
      owner: caller.owner,
      quota: caller.quota,
      arguments: argumentsToKeep(tool, given, args),
      request: rest,
      pollIntervalMs: config.pollIntervalMs ?? settings.pollIntervalMs,
      ...(id !== undefined && { id }),
      ...(granted !== undefined && { ttlMs: granted }),
    })
  } catch (error) {
    // The same call came twice at once, and the other was first.
    const isTaken = id !== undefined && error instanceof LongcallError && error.code === 'task_exists'
    const first = isTaken ? await runtime.get(id, caller.owner) : undefined
    if (first === undefined) throw error
    return first
  }
}

/** Runs a call without a task, to its outcome. */
export async function runInline(service: TaskService, call: ToolCall, inline: InlineCall): Promise<TaskOutcome> {
  const ready = await prepareCall(service, call, () => inline)
  if (ready.kind === 'over') return ready.outcome
  const { name, config } = call.tool
  const { settings, runtime } = service
  const run = runTool(call.tool, ready.args, inline, { log: inline.log, maskErrors: settings.maskErrors })
  const outcome = await (config.timeoutMs === undefined ? run : withinTime(run, inline, config.timeoutMs, name))
  if (typeof outcome === 'symbol') {
    return { kind: 'result', result: toolErrorResult(`Tool ${name} can leave its work to others only in a task.`) }
  }
  return keepableOutcome(outcome, name, runtime.limits.maxResultBytes)
}

function withinTime<T>(run: Promise<T>, inline: InlineCall, timeoutMs: number, tool: string): Promise<T | TaskOutcome> {
  return new Promise((resolve, reject) => {
    const stop = inline.time.limit(timeoutMs, () => {
      const error = new TaskTimeoutError(undefined, tool, timeoutMs)
      resolve({ kind: 'result', result: toolErrorResult(error.message) })
      inline.abort(error)
    })
    run.then(resolve, reject).finally(stop)
  })
}

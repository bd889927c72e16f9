import {
  isTerminal,
  MalformedMessageError,
  rpcErrorCodes,
  snapshotOf,
  type TaskOutcome,
  type TaskRecord,
  openQuestions,
  type CreatedTask,
} from '@longcall/core'
import {
  readAugmentation,
  writeCreated,
  writeState,
  writeTasksCapability,
  readCreated,
  taskNotification,
} from '@longcall/core/wire/2025-11-25'
import { ProtocolError, type JSONRPCRequest, type Result, type ServerContext } from '@modelcontextprotocol/server'
import type { Answer, RequestHandler, SdkServer } from '../sdk/sdk-server.ts'
import type { Tool } from '../tool/tool.ts'
import type { Listener } from '../calls/audience.ts'
import { prepareCall, readCall, runInline, startTask, type ToolCall } from '../calls/call.ts'
import { callerOf, type Caller } from '../calls/caller.ts'
import { InlineCall } from '../calls/inline-call.ts'
import type { BindContext } from '../calls/bind-context.ts'
import type { TaskService } from '../calls/task-service.ts'
import { answering, findTask, readToolName } from '../calls/task-methods.ts'
import { protocolError, taskNotFound } from '../calls/to-protocol-error.ts'
import { askOnStream } from './ask-on-stream.ts'
import { listTasks } from './list.ts'
import { noMethod, withoutExecution, withoutTasks } from './earlier-versions.ts'
import { answerOf } from './question-ids.ts'
import { serveResult } from './result.ts'
import { sessionListener } from './session-listener.ts'
import { stateOf } from './task-state.ts'

/** Serves a session of 2025-11-25 or earlier. */
export function serve2025(service: TaskService, sdk: SdkServer, context: BindContext): void {
  const { runtime, audience } = service
  const isPipe = context.transport === 'pipe'
  // Without authentication, nobody on HTTP can be told from anybody else: there is no list of one's own.
  const canList = isPipe || context.authInfo !== undefined
  const listener = sessionListener(sdk)
  sdk.onClose(() => audience.forget(listener))

  const callerIn = ({ sessionId, http }: ServerContext): Caller => {
    const authInfo = http?.authInfo ?? context.authInfo
    return callerOf({ authInfo, sessionId, remoteAddress: context.remoteAddress, isPipe }, service.settings.principal)
  }
  // Earlier versions know no tasks.
  const isOfTasks = (): boolean => sdk.protocolVersion === '2025-11-25'
  sdk.handleCalls(async (request, ctx, next) => {
    const name = readToolName(request)
    const tool = service.tools.get(name)
    // Nor does a client whose server declares none: `task` means nothing then.
    const knowsTasks = isOfTasks() && service.offersTasks
    const augmentation = knowsTasks ? readWish(request.params) : undefined
    if (tool !== undefined) {
      const call = { service, sdk, tool, request, context: ctx, callerIn, listener, knowsTasks, augmentation }
      return answering(service, () => serveCall(call))
    }
    return augmentation === undefined ? next(request, ctx) : refuseTask(sdk, name, request, ctx, next)
  })
  if (!service.offersTasks) return
  sdk.declare({ tasks: writeTasksCapability({ toolCalls: true, list: canList, cancel: true }) })
  sdk.rewrite('initialize', (result) => (isOfTasks() ? result : withoutTasks(result)))
  sdk.rewrite('tools/list', (result) => (isOfTasks() ? result : withoutExecution(result)))

  /** A method of a task that the caller may see. */
  const onTask = (
    method: string,
    serve: (task: TaskRecord, caller: Caller, context: ServerContext) => Promise<Result>,
  ): void =>
    sdk.handle(method, (params, ctx) =>
      answering(service, async () => {
        if (!isOfTasks()) throw noMethod()
        const caller = callerIn(ctx)
        const task = await findTask(service, params['taskId'], caller)
        return serve(task, caller, ctx)
      }),
    )
  const told = (task: TaskRecord): TaskRecord => {
    runtime.emit(task, { kind: 'retrieved', status: task.status })
    return task
  }
  const state = (task: TaskRecord): ReturnType<typeof writeState> => writeState(stateOf(task, runtime.clock.now()))

  onTask('tasks/get', async (task, caller, ctx) => {
    const now = await service.pacer.pace(task, `${caller.quota} ${ctx.sessionId ?? ''}`, ctx.mcpReq.signal)
    if (now === undefined) throw taskNotFound(task.id)
    followSoon(service, listener, now)
    return state(told(now))
  })
  onTask('tasks/cancel', async (task, { owner }) => {
    const result = await runtime.cancel(task.id, { owner, statusMessage: 'The client cancelled the task.' })
    if (result.kind === 'missing') throw taskNotFound(task.id)
    if (result.kind === 'written') return state(result.task)
    const message = `Cannot cancel task in terminal state '${state(result.task).status}'`
    throw new ProtocolError(rpcErrorCodes.invalidParams, message)
  })
  onTask('tasks/result', async (task, caller, ctx) => {
    followSoon(service, listener, task)
    return serveResult({ service, sdk, task, owner: caller.owner, context: ctx, told })
  })
  if (canList) {
    sdk.handle('tasks/list', (params, ctx) =>
      answering(service, async () => {
        if (!isOfTasks()) throw noMethod()
        return listTasks(service, callerIn(ctx).owner, params['cursor'])
      }),
    )
  }

  sdk.hear(taskNotification, ({ taskId }) => {
    if (typeof taskId === 'string') sdk.clientTaskNews.send(taskId)
  })
  sdk.takeAnswers((answer) => {
    const taken = answerOf(answer)
    if (taken === undefined) return false
    // The session's own owner: whoever answers on it was let into it.
    const take = async (): Promise<void> => {
      const { owner } = callerOf({ authInfo: context.authInfo, isPipe }, service.settings.principal)
      if (await takeClientTask(service, taken, answer, owner)) return
      await service.takeAnswer(taken.taskId, taken.key, answer, owner)
    }
    const kept = take()
    service.arriving.add(answer.id, kept)
    kept.catch((error: unknown) => runtime.trouble(error))
    return true
  })
}

/** The client answers in a task of its own: whoever has the question's stream follows that. */
async function takeClientTask(
  { runtime, clientTasks, courier }: TaskService,
  { taskId, key }: { readonly taskId: string; readonly key: string },
  answer: Answer,
  owner: string,
): Promise<boolean> {
  const created = 'result' in answer ? readTask(answer.result) : undefined
  if (created === undefined) return false
  const task = await runtime.get(taskId, owner)
  const question = task && openQuestions(task).find((open) => open.key === key)
  if (question?.params['task'] === undefined) return false
  clientTasks.begun(taskId, key, created)
  courier.wake(taskId)
  return true
}

/** What cannot be read as a task is checked as an answer, and found to be none. */
function readTask(result: unknown): CreatedTask | undefined {
  try {
    return readCreated(result)
  } catch {
    return undefined
  }
}

type Wish = NonNullable<ReturnType<typeof readAugmentation>>

interface CallParts {
  readonly service: TaskService
  readonly sdk: SdkServer
  readonly tool: Tool
  readonly request: JSONRPCRequest
  readonly context: ServerContext
  readonly callerIn: (context: ServerContext) => Caller
  readonly listener: Listener
  readonly knowsTasks: boolean
  /** That the client wants a task, and what kind of. */
  readonly augmentation: Wish | undefined
}

/** A call of a tool: the client says whether it shall be a task, as far as the tool lets it. */
async function serveCall(parts: CallParts): Promise<Result> {
  const { service, sdk, tool, request, context, listener, augmentation } = parts
  const { task: support = 'optional' } = tool.config
  if (augmentation !== undefined && support === 'forbidden') throw noTaskTool(tool.name)
  if (augmentation === undefined && support === 'required' && parts.knowsTasks) {
    throw new ProtocolError(rpcErrorCodes.methodNotFound, `Tool ${tool.name} can only be called as a task.`)
  }
  const call = readCall(service, tool, parts.callerIn(context), request, context, sdk.clientCapabilities)
  const inline = new InlineCall(context, call.request, askOnStream(service, sdk, context), service.runtime)
  try {
    if (augmentation === undefined)
      return await sdk.runCall(request, context, () => inlineResult(service, sdk, call, inline))
    const ready = await prepareCall(service, call, () => inline)
    if (ready.kind === 'over') throw refusal(ready.outcome)
    const task = await startTask(service, call, ready.args, augmentation)
    followSoon(service, listener, task)
    const { immediateResponse } = tool.config
    return writeCreated({
      task: snapshotOf(task, service.runtime.clock.now()),
      ...(immediateResponse !== undefined && { immediateResponse }),
    })
  } finally {
    inline.end()
  }
}

async function inlineResult(service: TaskService, sdk: SdkServer, call: ToolCall, inline: InlineCall): Promise<Result> {
  const outcome = await runInline(service, call, inline)
  if (outcome.kind === 'error') throw protocolError(outcome.error)
  return sdk.project(call.tool.name, outcome.result)
}

/** A plain tool cannot be a task; one that is not there is refused as the server refuses it. */
async function refuseTask(
  sdk: SdkServer,
  name: string,
  request: JSONRPCRequest,
  context: ServerContext,
  next: RequestHandler,
): Promise<Result> {
  if (await sdk.hasTool(name, request, context)) throw noTaskTool(name)
  return next(request, context)
}

function noTaskTool(name: string): ProtocolError {
  return new ProtocolError(rpcErrorCodes.methodNotFound, `Tool ${name} cannot be called as a task.`)
}

/** A call that was to be a task has no result to be refused with: only an error. */
function refusal(outcome: TaskOutcome): ProtocolError {
  if (outcome.kind === 'error') return protocolError(outcome.error)
  const [block] = outcome.result['content'] as readonly { readonly text?: string }[]
  return new ProtocolError(rpcErrorCodes.invalidParams, block?.text ?? 'The tool refused the call.')
}

/**
 * Tells the session of the task once the answer to its request is on its way: a status must not come before the task that
 * it is about.
 */
function followSoon(service: TaskService, listener: Listener, task: TaskRecord): void {
  // Who follows it already may have heard its end by then, and would hear it again.
  if (isTerminal(task.status) || service.audience.isFollowing(task.id, listener)) return
  setImmediate(() => service.audience.follow(task, listener))
}

/**
 * That a task is asked for.
 *
 * @throws {ProtocolError} Thrown with -32602 when it is asked for with what is no object.
 */
function readWish(params: unknown): Wish | undefined {
  try {
    return readAugmentation(params)
  } catch (error) {
    if (error instanceof MalformedMessageError)
      throw new ProtocolError(rpcErrorCodes.invalidParams, 'task must be an object.')
    throw error
  }
}

import { rpcErrorCodes, snapshotOf, type TaskOutcome, type TaskRecord } from '@longcall/core'
import { declaresTasks, tasksExtension, writeCreated, writeState } from '@longcall/core/wire/2026-07-28'
import { ProtocolError, type JSONRPCRequest, type Result, type ServerContext } from '@modelcontextprotocol/server'
import type { SdkServer } from '../sdk/sdk-server.ts'
import type { Tool } from '../tool/tool.ts'
import { prepareCall, readCall, runInline, startTask, type ToolCall } from '../calls/call.ts'
import { callerOf, type Caller } from '../calls/caller.ts'
import { InlineCall } from '../calls/inline-call.ts'
import type { BindContext } from '../calls/bind-context.ts'
import type { TaskService } from '../calls/task-service.ts'
import { answering, findTask, readToolName } from '../calls/task-methods.ts'
import { protocolError, taskNotFound } from '../calls/to-protocol-error.ts'
import { clientCapabilities, demandTasks, tasksMissing } from './capability.ts'
import { askInRounds, firstRound, isLaterRound, laterRound } from './rounds.ts'
import { stateOf } from './task-state.ts'

/** Serves requests of 2026-07-28. */
export function serve2026(service: TaskService, sdk: SdkServer, context: BindContext): void {
  const { runtime } = service

  const callerIn = ({ http }: ServerContext): Caller =>
    callerOf(
      {
        authInfo: http?.authInfo ?? context.authInfo,
        remoteAddress: context.remoteAddress,
        isPipe: context.transport === 'pipe',
      },
      service.settings.principal,
    )
  sdk.handleCalls(async (request, ctx, next) => {
    const tool = service.tools.get(readToolName(request))
    if (tool === undefined) return next(request, ctx)
    return answering(service, () => serveCall({ service, sdk, tool, request, context: ctx, callerIn }))
  })
  if (!service.offersTasks) return
  sdk.declare({ extensions: { [tasksExtension]: {} } })

  /** A method of a task that the caller may see. */
  const onTask = (
    method: string,
    serve: (task: TaskRecord, caller: Caller, context: ServerContext) => Promise<Result>,
  ): void =>
    sdk.handle(method, (params, ctx) =>
      answering(service, async () => {
        demandTasks(ctx)
        const caller = callerIn(ctx)
        return serve(await findTask(service, params['taskId'], caller), caller, ctx)
      }),
    )

  onTask('tasks/get', async (task, caller, ctx) => {
    const now = await service.pacer.pace(task, caller.quota, ctx.mcpReq.signal)
    if (now === undefined) throw taskNotFound(task.id)
    runtime.emit(now, { kind: 'retrieved', status: now.status })
    return { ...writeState(stateOf(now, runtime)) }
  })
  onTask('tasks/update', async (task, { owner }, { mcpReq }) => {
    // The SDK takes the answers out of the params, and leaves out those that are none at all: they must not pass for missing.
    const { inputResponses, droppedInputResponseKeys = [] } = mcpReq
    if (inputResponses === undefined) {
      throw new ProtocolError(rpcErrorCodes.invalidParams, 'inputResponses must be an object of answers by key.')
    }
    const unfit = Object.fromEntries(droppedInputResponseKeys.map((key) => [key, null]))
    await service.answer(task.id, { ...inputResponses, ...unfit }, owner)
    return {}
  })
  onTask('tasks/cancel', async (task, { owner }) => {
    // A task that has ended stays as it is, and the request is acknowledged all the same.
    await runtime.cancel(task.id, { owner, statusMessage: 'The client cancelled the task.' })
    return {}
  })
}

interface CallParts {
  readonly service: TaskService
  readonly sdk: SdkServer
  readonly request: JSONRPCRequest
  readonly context: ServerContext
  readonly tool: Tool
  readonly callerIn: (context: ServerContext) => Caller
}

/** A call of a tool: it becomes a task for every client that can have one, as far as the tool lets it. */
async function serveCall({ service, sdk, tool, request, context, callerIn }: CallParts): Promise<Result> {
  const { task: support = 'optional' } = tool.config
  const capabilities = clientCapabilities(context)
  const canHaveTasks = declaresTasks(capabilities)
  if (support === 'required' && !canHaveTasks) throw tasksMissing()
  const call = readCall(service, tool, callerIn(context), request, context, capabilities)
  const inline = new InlineCall(context, call.request, askInRounds(service, call), service.runtime)
  const work = support !== 'forbidden' && canHaveTasks ? prepare(service, call, inline) : run(service, call, inline)

  let created: Result | undefined
  const answer = await sdk.runCall(request, context, async () => {
    const round = isLaterRound(context)
      ? await laterRound(service, call, context)
      : await firstRound(service, call, inline, work)
    if (round.kind === 'asks') return round.result
    const came = round.value as Came
    if (came.kind === 'outcome') return answerOf(sdk, call, came.outcome)
    // Whatever an earlier round declared: this one's answer must be one that its client knows.
    if (!canHaveTasks) throw tasksMissing()
    const id = round.recordId === undefined ? undefined : `${round.recordId}-task`
    created = {
      ...writeCreated({
        task: snapshotOf(await startTask(service, call, came.args, { id }), service.runtime.clock.now()),
      }),
    }
    // The SDK would take a task for a malformed result: what it checks here stands in for it.
    return { content: [] }
  })
  return created ?? answer
}

/** What the work of a call came to: an outcome, or the arguments of the task that it becomes. */
type Came =
  | { readonly kind: 'outcome'; readonly outcome: TaskOutcome }
  | { readonly kind: 'prepared'; readonly args: unknown }

function run(service: TaskService, call: ToolCall, inline: InlineCall): () => Promise<Came> {
  return async () => ({ kind: 'outcome', outcome: await runInline(service, call, inline) })
}

function prepare(service: TaskService, call: ToolCall, inline: InlineCall): () => Promise<Came> {
  return async () => {
    const ready = await prepareCall(service, call, () => inline)
    if (ready.kind === 'over') return { kind: 'outcome', outcome: ready.outcome }
    return { kind: 'prepared', args: ready.args }
  }
}

function answerOf(sdk: SdkServer, { tool }: ToolCall, outcome: TaskOutcome): Result {
  if (outcome.kind === 'error') throw protocolError(outcome.error)
  return sdk.project(tool.name, outcome.result)
}

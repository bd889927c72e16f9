import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  type Result,
  type ServerContext,
} from '@modelcontextprotocol/server'
import {
  assertCanAnswer,
  isTerminal,
  MissingCapabilityError,
  openQuestions,
  rpcErrorCodes,
  type JsonObject,
  type Question,
  type TaskOutcome,
  type TaskRecord,
} from '@longcall/core'
import type { InlineAsk, InlineCall } from '../calls/inline-call.ts'
import type { ToolCall } from '../calls/call.ts'
import type { TaskService } from '../calls/task-service.ts'
import { plainQuestion } from './plain-question.ts'
import { protocolError } from '../calls/to-protocol-error.ts'

/*
 * A call that asks in the middle is answered with its questions, and the client calls again with the answers. Its body
 * stays as it is and waits, under a hidden record that `requestState` names; what the body comes to is kept there for the
 * round that fetches it, also for one that comes again because its answer was lost.
 *
 * Source: specification 2026-07-28, multi-round-trip requests.
 */

/** What a round gives: what the work came to, or the questions that it waits for now. */
export type Round =
  | { readonly kind: 'done'; readonly value: unknown; readonly recordId?: string }
  | { readonly kind: 'asks'; readonly result: Result }

/** Asks by making the call a record: it waits for the answers of another round. */
export function askInRounds(service: TaskService, { tool, caller }: ToolCall): InlineAsk {
  return async (question, options, inline) => {
    demandAnswerable(question, inline.request.capabilities)
    const { request } = inline
    const execution = await inline.become(() =>
      service.runtime.adopt(
        {
          tool: tool.name,
          owner: caller.owner,
          quota: caller.quota,
          arguments: request.arguments,
          request,
          pollIntervalMs: service.settings.pollIntervalMs,
        },
        { ttlMs: service.settings.roundTtlMs },
      ),
    )
    service.rounds.set(execution.taskId, execution)
    return execution.ask(question, options)
  }
}

/** The first round of a call: `work` runs until it is done, or waits for answers. */
export async function firstRound(
  service: TaskService,
  { caller }: ToolCall,
  inline: InlineCall,
  work: () => Promise<object>,
): Promise<Round> {
  const { runtime, rounds } = service
  const finish = async (outcome: TaskOutcome): Promise<void> => {
    if (inline.adopted === undefined) return
    const execution = await inline.adopted
    rounds.delete(execution.taskId)
    await runtime.finish(execution, outcome)
  }
  const done = work().then(
    async (value): Promise<Round> => {
      await finish({ kind: 'result', result: { ...value } })
      return { kind: 'done', value }
    },
    async (error: unknown) => {
      await finish(gaveUp)
      throw error
    },
  )
  const asks = inline.becoming.then(async ({ taskId }): Promise<Round> => {
    const task = await runtime.until(taskId, settled, { owner: caller.owner })
    return task === 'gone' || isTerminal(task.status) ? done : asking(service, task)
  })
  // The one that comes second concerns nobody any more.
  done.catch(() => {})
  asks.catch(() => {})
  return Promise.race([done, asks])
}

/** A later round: takes answers to the questions of a record, and waits for what comes of them. */
export async function laterRound(
  service: TaskService,
  { tool, caller }: ToolCall,
  context: ServerContext,
): Promise<Round> {
  const state = context.mcpReq.requestState()
  const id = typeof state === 'string' && state.startsWith(statePrefix) ? state.slice(statePrefix.length) : ''
  const { owner } = caller
  const record = await service.runtime.get(id, owner)
  if (record === undefined || !record.hidden || record.tool !== tool.name) throw badState()
  const answers = service.answers.checkAll(openQuestions(record), context.mcpReq.inputResponses ?? {})
  await service.runtime.answer(id, answers, owner)
  const task = await service.runtime.until(id, settled, { signal: context.mcpReq.signal, owner })
  if (task === 'gone') throw badState()
  if (!isTerminal(task.status)) return asking(service, task)
  if (task.outcome === undefined) throw badState()
  if (task.outcome.kind === 'error') throw protocolError(task.outcome.error)
  return { kind: 'done', value: task.outcome.result, recordId: id }
}

/** Whether a request is a later round. */
export function isLaterRound({ mcpReq }: ServerContext): boolean {
  return mcpReq.requestState() !== undefined
}

/** The round that asks what is open: with one question, all that the body asks in the same moment. */
async function asking({ rounds, runtime }: TaskService, task: TaskRecord): Promise<Round> {
  await rounds.get(task.id)?.placed()
  const now = await runtime.get(task.id)
  return { kind: 'asks', result: roundResult(now?.status === 'input_required' ? now : task) }
}

function roundResult(task: TaskRecord): Result {
  const questions = openQuestions(task).map((question) => {
    const { key, method, params } = plainQuestion(question)
    return [key, { method, params }]
  })
  return {
    resultType: 'input_required',
    inputRequests: Object.fromEntries(questions),
    requestState: `${statePrefix}${task.id}`,
  }
}

/** The same as in a task, but said in the words of this generation: -32021, with what would be required. */
function demandAnswerable(question: Question, capabilities: JsonObject | undefined): void {
  try {
    assertCanAnswer(question, capabilities)
  } catch (error) {
    if (!(error instanceof MissingCapabilityError)) throw error
    const requiredCapabilities = error.capability
      .split('.')
      .reduceRight<Record<string, unknown>>((inner, name) => ({ [name]: inner }), {})
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities }, error.message)
  }
}

function settled(task: TaskRecord | undefined): TaskRecord | 'gone' | undefined {
  if (task === undefined) return 'gone'
  return task.status === 'working' ? undefined : task
}

function badState(): ProtocolError {
  const data = { reason: 'invalid_request_state' }
  return new ProtocolError(rpcErrorCodes.invalidParams, 'Invalid or expired requestState', data)
}

const statePrefix = 'call:'

const gaveUp = {
  kind: 'error',
  error: { code: rpcErrorCodes.internalError, message: 'The call was given up.' },
} as const

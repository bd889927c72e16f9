import { questionKeyMetaKey } from '@longcall/core'
import type { ResultView } from '../support/modern-views.ts'
import type { Server } from './fleet.ts'
import type { TaskLedger } from './ledger.ts'
import { LegacySession } from './legacy-session.ts'
import { accepted, isNotFound, isTerminal, refused, type Speaker, type Think } from './speaker.ts'

/** Speaks 2025-11-25, in one session with each server: a new server knows none of the sessions before it. */
export function speaker2025(think: Think): Speaker {
  const sessions = new WeakMap<Server, Promise<LegacySession>>()
  const sessionOf = (server: Server): Promise<LegacySession> => {
    const session = sessions.get(server) ?? LegacySession.open(server.url)
    sessions.set(server, session)
    return session
  }

  return {
    wire: '2025-11-25',
    start: async (server, { tool, plan }) => {
      const session = await sessionOf(server)
      const { result, error } = await session.request('create', 'tools/call', { name: tool, arguments: plan, task: {} })
      const { task } = (result ?? {}) as { task?: { taskId: string } }
      if (task === undefined) throw refused(`a call of ${tool}`, error ?? result)
      return task.taskId
    },
    visit: async (server, task) => {
      const session = await sessionOf(server)
      const { known } = task
      const { result, error } = await session.request('look', 'tasks/get', { taskId: task.id })
      if (isNotFound(error)) return task.sawGone()
      if (result === undefined) throw refused('tasks/get', error)
      if (isTerminal(result.status)) return readEnding(session, task, result)
      task.sawOpen(known)
      if (result.status === 'input_required') await answerQuestions(session, task, think)
    },
    cancel: async (server, task) => {
      const session = await sessionOf(server)
      task.wasCancelSent = true
      const { result, error } = await session.request('cancel', 'tasks/cancel', { taskId: task.id })
      if (isNotFound(error)) return task.sawGone()
      const isTooLate = error?.code === -32_602 && /terminal/.test(error.message)
      if (!isTooLate && result?.status !== 'cancelled') throw refused('tasks/cancel', error ?? result)
      task.isCancelAcknowledged = true
    },
  }
}

/** Takes what the task has to ask, until it has ended. */
async function answerQuestions(session: LegacySession, task: TaskLedger, think: Think): Promise<void> {
  for await (const { id, method, params } of session.stream('result', 'tasks/result', { taskId: task.id })) {
    if (method === undefined) return
    if (method !== 'elicitation/create') continue
    const { message: words = '', _meta: meta } = params ?? {}
    const answer = accepted(task.sawQuestion(words, String(meta?.[questionKeyMetaKey])))
    await think()
    const status = await session.answer(id, answer)
    if (status !== 202) throw refused('an answer', status)
    task.answered(words)
  }
}

/** Its result belongs to its ending: a cancelled task has none, which is an error. */
async function readEnding(
  session: LegacySession,
  task: TaskLedger,
  { status = '', statusMessage, lastUpdatedAt: updatedAt }: ResultView,
): Promise<void> {
  const { result, error } = await session.request('result', 'tasks/result', { taskId: task.id })
  // A brief one may go in between.
  if (isNotFound(error)) return task.sawGone()
  task.sawEnding({ status, statusMessage, updatedAt, result, error })
}

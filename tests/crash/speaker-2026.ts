import type { Server } from './fleet.ts'
import { HttpPost, type Message } from './http-post.ts'
import {
  accepted,
  isNotFound,
  isTerminal,
  purposeOf,
  refused,
  type Purpose,
  type Speaker,
  type Think,
} from './speaker.ts'

const wire = '2026-07-28'

/** Speaks 2026-07-28. */
export function speaker2026(think: Think): Speaker {
  const posts = new WeakMap<Server, HttpPost>()
  let requests = 0

  /** Sends a request, and gives what answered it. */
  const ask = async (server: Server, purpose: Purpose, method: string, params: RequestParams): Promise<Message> => {
    const post = posts.get(server) ?? new HttpPost(server.url)
    posts.set(server, post)
    requests += 1
    const headers = {
      'mcp-protocol-version': wire,
      'mcp-method': method,
      'mcp-name': params.name ?? params.taskId,
      ...purposeOf(purpose, wire),
    }
    const message = { jsonrpc: '2.0', id: requests, method, params: { ...params, _meta: meta } }
    const { messages } = await post.send(message, headers)
    const answer = messages.find((each) => each.method === undefined)
    if (answer === undefined) throw new Error(`${method} was not answered`)
    return answer
  }

  return {
    wire,
    start: async (server, { tool, plan }) => {
      const { result, error } = await ask(server, 'create', 'tools/call', { name: tool, arguments: plan })
      if (result?.taskId === undefined) throw refused(`a call of ${tool}`, error ?? result)
      return result.taskId
    },
    visit: async (server, task) => {
      const { known, id: taskId } = task
      const { result, error } = await ask(server, 'look', 'tasks/get', { taskId })
      if (isNotFound(error)) return task.sawGone()
      if (result === undefined) throw refused('tasks/get', error)
      const { status = '', statusMessage, lastUpdatedAt: updatedAt, inputRequests = {} } = result
      if (isTerminal(status)) {
        return task.sawEnding({ status, statusMessage, updatedAt, result: result.result, error: result.error })
      }
      task.sawOpen(known)
      const asked = Object.entries(inputRequests).map(([key, { params }]) => {
        const words = params.message ?? ''
        return { key, words, answer: accepted(task.sawQuestion(words, key)) }
      })
      if (asked.length === 0) return
      await think()
      const inputResponses = Object.fromEntries(asked.map(({ key, answer }) => [key, answer]))
      const answered = await ask(server, 'answer', 'tasks/update', { taskId, inputResponses })
      if (answered.error !== undefined && !isNotFound(answered.error)) throw refused('tasks/update', answered.error)
      for (const { words } of asked) task.answered(words)
    },
    cancel: async (server, task) => {
      task.wasCancelSent = true
      const { error } = await ask(server, 'cancel', 'tasks/cancel', { taskId: task.id })
      if (isNotFound(error)) return task.sawGone()
      if (error !== undefined) throw refused('tasks/cancel', error)
      task.isCancelAcknowledged = true
    },
  }
}

interface RequestParams {
  readonly name?: string
  readonly taskId?: string
  readonly arguments?: object
  readonly inputResponses?: object
}

/** What its client can be asked, and that it knows tasks. */
const meta = {
  'io.modelcontextprotocol/protocolVersion': wire,
  'io.modelcontextprotocol/clientInfo': { name: 'recorder', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {
    elicitation: { form: {} },
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  },
}

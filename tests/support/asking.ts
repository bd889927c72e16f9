/** A 2025-11-25 server that asks its client to answer in tasks of the client's own, and what the schemas say of the answers. */
import type { ClientOptions } from '@longcall/client'
import { expectSoon } from './answering.ts'
import { ScriptedServer, type Answer, type Wire } from './scripted-server.ts'
import { check } from './wire-oracle.ts'

/** The form that is put to the client. */
export const form: Wire = {
  mode: 'form',
  message: 'Who are you?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
}

/** The sampling request that is put to the client. */
export const prompt: Wire = {
  messages: [{ role: 'user', content: { type: 'text', text: 'Say hello.' } }],
  maxTokens: 10,
}

const definitions: Readonly<Record<string, string>> = {
  'tasks/get': 'GetTaskResult',
  'tasks/result': 'GetTaskPayloadResult',
  'tasks/list': 'ListTasksResult',
  'tasks/cancel': 'CancelTaskResult',
}

/** A server that asks; whatever it is answered has to meet the official schema. */
export class AskingServer extends ScriptedServer {
  constructor(answers: Readonly<Record<string, Answer>> = {}) {
    super('2025-11-25', answers)
  }

  /** Connects a client that hosts tasks, and gives what it declared of them. */
  async introduced(options: ClientOptions): Promise<unknown> {
    await this.connect(options)
    const [initialize] = this.requests('initialize')
    const { capabilities } = initialize!.params as { capabilities: Wire }
    demandFit('ClientCapabilities', capabilities)
    return capabilities['tasks']
  }

  /** Asks, and gives the client's task. */
  async askTask(method: string, params: Wire, task: Wire = { ttl: 60_000 }): Promise<Wire> {
    const created = await this.ask(method, { ...params, task })
    demandFit('CreateTaskResult', created)
    return created['task'] as Wire
  }

  /** Asks about a task of the client's, and gives the answer. */
  async askAbout(method: string, params: Wire): Promise<Wire> {
    const answer = await this.ask(method, params)
    if (answer['error'] === undefined) demandFit(definitions[method]!, answer)
    return answer
  }

  /** Waits for a task of the client's to be in this status. */
  async until(task: Wire, status: string): Promise<Wire> {
    const { taskId } = task
    await expectSoon(async () => (await this.askAbout('tasks/get', { taskId }))['status']).toBe(status)
    return this.askAbout('tasks/get', { taskId })
  }

  /** What the client said of its tasks unasked, so far. */
  statuses(): readonly Wire[] {
    const told = this.received.filter(({ method }) => method === 'notifications/tasks/status')
    return told.map(({ jsonrpc: _version, ...message }) => {
      demandFit('TaskStatusNotification', { jsonrpc: '2.0', ...message }, message)
      return message['params'] as Wire
    })
  }
}

/** Throws where the official schemas have anything against a value. */
function demandFit(definition: string, value: unknown, bare: unknown = value): void {
  const faults = check(definition, value, bare)
  if (faults.length > 0) throw new Error(`${JSON.stringify(value)}: ${faults.join('; ')}`)
}

/** The `_meta` that ties a message to a task. */
export const relatedTo = (taskId: unknown): Wire => ({ 'io.modelcontextprotocol/related-task': { taskId } })

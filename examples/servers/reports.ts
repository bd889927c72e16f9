/**
 * A small server of protocol 2026-07-28 with one tool, `render_report`, which runs as a task: it reports how far it is,
 * asks a question in the middle, and ends with a report. It keeps its tasks in memory.
 *
 * Run it over stdio: `node examples/dist/servers/reports.js`.
 */
import { MissingRequiredClientCapabilityError, ProtocolError, Server } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { generateTaskId, transition, type TaskOutcome, type TaskQuestion, type TaskSnapshot } from '@longcall/core'
import { declaresTasks, tasksExtension, writeCreated, writeState } from '@longcall/core/wire/2026-07-28'
import { z } from 'zod'

interface RunningTask {
  task: TaskSnapshot
  questions: readonly TaskQuestion[]
  outcome?: TaskOutcome
  answered: (answer: { action: string; content?: Record<string, unknown> }) => void
  readonly abort: AbortController
}

const tasks = new Map<string, RunningTask>()

const renderReport = {
  name: 'render_report',
  description: 'Renders a report of some pages, and asks how to bind it',
  inputSchema: {
    type: 'object' as const,
    properties: { title: { type: 'string' }, pages: { type: 'integer', minimum: 1, maximum: 20 } },
    required: ['title'],
  },
}

const howToBind: TaskQuestion = {
  key: 'binding',
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: 'The pages are set. How should the report be bound?',
    requestedSchema: {
      type: 'object',
      properties: { binding: { type: 'string', title: 'Binding', enum: ['stapled', 'spiral', 'hardcover'] } },
      required: ['binding'],
    },
  },
}

async function render(running: RunningTask, title: string, pages: number): Promise<string> {
  const { signal } = running.abort
  for (let page = 1; page <= pages; page += 1) {
    say(running, `Setting page ${page} of ${pages}`)
    await pause(150, signal)
  }
  const { action, content } = await ask(running, howToBind)
  if (action !== 'accept') return `"${title}": ${pages} pages, left unbound.`
  say(running, 'Binding')
  await pause(300, signal)
  return `"${title}": ${pages} pages, ${String(content?.['binding'])}.`
}

function start(title: string, pages: number): TaskSnapshot {
  const now = new Date().toISOString()
  const id = generateTaskId()
  const task = {
    id,
    status: 'working',
    createdAt: now,
    lastUpdatedAt: now,
    ttlMs: 600_000,
    pollIntervalMs: 200,
  } as const
  const running: RunningTask = { task, questions: [], answered: () => {}, abort: new AbortController() }
  tasks.set(id, running)
  render(running, title, pages).then(
    (text) => finish(running, { kind: 'result', result: { content: [{ type: 'text', text }] } }),
    (error: Error) => finish(running, { kind: 'error', error: { code: -32_603, message: error.message } }),
  )
  return task
}

function say({ task }: RunningTask, statusMessage: string): void {
  const running = find(task.id)
  running.task = { ...running.task, statusMessage, lastUpdatedAt: new Date().toISOString() }
}

async function ask(running: RunningTask, question: TaskQuestion): Promise<Parameters<RunningTask['answered']>[0]> {
  running.questions = [question]
  running.task = transition(running.task, 'input_required', new Date(), 'Waiting for an answer')
  const answer = await new Promise<Parameters<RunningTask['answered']>[0]>((resolve) => {
    running.answered = resolve
  })
  running.questions = []
  running.task = transition(running.task, 'working', new Date())
  return answer
}

function finish(running: RunningTask, outcome: TaskOutcome): void {
  // Cancelled in the meantime: a late end changes nothing.
  if (running.abort.signal.aborted) return
  running.outcome = outcome
  running.task = transition(running.task, outcome.kind === 'result' ? 'completed' : 'failed', new Date())
}

function find(taskId: string): RunningTask {
  const running = tasks.get(taskId)
  if (running === undefined) throw new ProtocolError(-32_602, `Task ${taskId} not found`)
  return running
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new Error('cancelled'))
    })
  })
}

function demandTasks(envelope: unknown): void {
  const capabilities = (envelope as Record<string, unknown> | undefined)?.['io.modelcontextprotocol/clientCapabilities']
  if (declaresTasks(capabilities)) return
  throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [tasksExtension]: {} } } })
}

function build(): Server {
  const capabilities = { tools: {}, extensions: { [tasksExtension]: {} } }
  const server = new Server({ name: 'reports', version: '1.0.0' }, { capabilities })
  const byTask = z.looseObject({ taskId: z.string() })

  server.setRequestHandler('tools/list', () => ({ tools: [renderReport] }))
  // The SDK's own handler of `tools/call` checks for a tool's result, which a task is not yet.
  server.fallbackRequestHandler = async ({ method, params }, { mcpReq }) => {
    if (method !== 'tools/call') throw new ProtocolError(-32_601, 'Method not found')
    demandTasks(mcpReq.envelope)
    const { title, pages = 5 } = z
      .object({ title: z.string(), pages: z.int().min(1).max(20).optional() })
      .parse(params?.['arguments'])
    return writeCreated({ task: start(title, pages) })
  }
  server.setRequestHandler('tasks/get', { params: byTask }, ({ taskId }, { mcpReq }) => {
    demandTasks(mcpReq.envelope)
    const { task, questions, outcome } = find(taskId)
    return { ...writeState({ task, questions, ...(outcome !== undefined && { outcome }) }) }
  })
  server.setRequestHandler('tasks/update', { params: byTask }, ({ taskId }, { mcpReq }) => {
    demandTasks(mcpReq.envelope)
    const answer = mcpReq.inputResponses?.['binding']
    if (answer !== undefined) find(taskId).answered(answer as Parameters<RunningTask['answered']>[0])
    return {}
  })
  server.setRequestHandler('tasks/cancel', { params: byTask }, ({ taskId }, { mcpReq }) => {
    demandTasks(mcpReq.envelope)
    const running = find(taskId)
    if (running.outcome === undefined && !running.abort.signal.aborted) {
      running.task = transition(running.task, 'cancelled', new Date())
      running.abort.abort()
    }
    return {}
  })
  return server
}

serveStdio(build)

import { setTimeout as pause } from 'node:timers/promises'
import { ProtocolError } from '@modelcontextprotocol/server'
import { generateTaskId, transition, type TaskOutcome, type TaskQuestion, type TaskSnapshot } from '@longcall/core'

/** An answer to a form. */
export interface FormAnswer {
  readonly action: string
  readonly content?: Readonly<Record<string, unknown>>
}

/** A report in the making. */
export interface ReportTask {
  task: TaskSnapshot
  questions: readonly TaskQuestion[]
  outcome?: TaskOutcome
  answer: (answer: FormAnswer) => void
  readonly cancelled: AbortController
}

/** Renders reports as tasks, and keeps them in memory. */
export class ReportTasks {
  readonly #tasks = new Map<string, ReportTask>()

  start(title: string, pages: number): TaskSnapshot {
    const now = new Date().toISOString()
    const id = generateTaskId()
    const task = {
      id,
      status: 'working',
      createdAt: now,
      lastUpdatedAt: now,
      ttlMs: null,
      pollIntervalMs: 200,
    } as const
    const report: ReportTask = { task, questions: [], answer: () => {}, cancelled: new AbortController() }
    this.#tasks.set(id, report)
    render(report, title, pages).then(
      (text) => finish(report, { kind: 'result', result: { content: [{ type: 'text', text }] } }),
      (error: Error) => finish(report, { kind: 'error', error: { code: -32_603, message: error.message } }),
    )
    return task
  }

  find(taskId: string): ReportTask {
    const report = this.#tasks.get(taskId)
    if (report === undefined) throw new ProtocolError(-32_602, `Task ${taskId} not found`)
    return report
  }

  cancel(taskId: string): void {
    const report = this.find(taskId)
    if (report.outcome !== undefined || report.cancelled.signal.aborted) return
    report.task = transition(report.task, 'cancelled', new Date())
    report.cancelled.abort(new Error('cancelled'))
  }
}

async function render(report: ReportTask, title: string, pages: number): Promise<string> {
  const { signal } = report.cancelled
  for (let page = 1; page <= pages; page += 1) {
    say(report, `Setting page ${page} of ${pages}`)
    await pause(150, undefined, { signal })
  }
  const { action, content } = await ask(report, howToBind)
  if (action !== 'accept') return `"${title}": ${pages} pages, left unbound.`
  say(report, 'Binding')
  await pause(300, undefined, { signal })
  return `"${title}": ${pages} pages, ${String(content?.['binding'])}.`
}

function say(report: ReportTask, statusMessage: string): void {
  report.task = { ...report.task, statusMessage, lastUpdatedAt: new Date().toISOString() }
}

async function ask(report: ReportTask, question: TaskQuestion): Promise<FormAnswer> {
  const { signal } = report.cancelled
  report.questions = [question]
  report.task = transition(report.task, 'input_required', new Date(), 'Waiting for an answer')
  const answer = await new Promise<FormAnswer>((resolve, reject) => {
    report.answer = resolve
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  report.questions = []
  report.task = transition(report.task, 'working', new Date())
  return answer
}

function finish(report: ReportTask, outcome: TaskOutcome): void {
  // Cancelled in the meantime: a late end changes nothing.
  if (report.cancelled.signal.aborted) return
  report.outcome = outcome
  report.task = transition(report.task, outcome.kind === 'result' ? 'completed' : 'failed', new Date())
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

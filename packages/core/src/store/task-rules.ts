import { isTerminal, move } from '../task/task-status.ts'
import { withdrawn } from './question-changes.ts'
import type { NewTask, TaskEnding, TaskRecord, TaskSummary } from './task-record.ts'
import type { TaskFilter } from './task-store.ts'

/** The record of a task that begins. Field by field: to spread one object into another that gets more is fifty times slower. */
export function newRecord(task: NewTask, nowMs: number): TaskRecord {
  const { maxTtlMs } = task
  return Object.freeze({
    id: task.id,
    namespace: task.namespace,
    owner: task.owner,
    quota: task.quota,
    tool: task.tool,
    request: task.request,
    ttlMs: task.ttlMs,
    maxTtlMs,
    pollIntervalMs: task.pollIntervalMs,
    onCrash: task.onCrash,
    maxAttempts: task.maxAttempts,
    hidden: task.hidden,
    status: 'working',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    expiresAtMs: maxTtlMs === null ? null : nowMs + maxTtlMs,
    attempt: 0,
    releases: 0,
    elsewhere: false,
    questions: Object.freeze([]),
  })
}

/** Whether a body could go on: a task that waits for a person, or whose work goes on elsewhere, is not run. */
export function canRun(task: TaskRecord): boolean {
  return task.status === 'working' && !task.hidden && !task.elsewhere
}

/** Whether its policy lets a body be started once more. */
export function canRunAgain(task: TaskRecord): boolean {
  return task.attempt === 0 || (task.onCrash === 'rerun' && hasAttemptsLeft(task))
}

/** A process that gave the task back in good order did not die of it. */
function hasAttemptsLeft({ attempt, releases, maxAttempts }: TaskRecord): boolean {
  return attempt - releases < maxAttempts
}

/** Whether a task whose lease ran out is to be ended: it must not run again, and waits for nobody's answer first. */
export function isLost(task: TaskRecord): boolean {
  if (isTerminal(task.status) || task.elsewhere) return false
  if (task.hidden || task.onCrash === 'fail') return true
  return task.status === 'working' && !hasAttemptsLeft(task)
}

/** Whether a list of this filter shows the task. */
export function matches(task: TaskRecord, { namespace, owner, tool, statuses }: TaskFilter): boolean {
  return (
    !task.hidden &&
    (namespace === undefined || task.namespace === namespace) &&
    (owner === undefined || task.owner === owner) &&
    (tool === undefined || task.tool === tool) &&
    (statuses === undefined || statuses.includes(task.status))
  )
}

/**
 * The task once it has ended: it is kept until its ttl has passed, and for `retentionMs` at least, which its ttl then says.
 *
 * @param nowMs The store's time.
 */
export function endedRecord(task: TaskRecord, ending: TaskEnding, nowMs: number): TaskRecord {
  const { statusMessage: _last, ...rest } = task
  const { status, statusMessage, outcome, retentionMs } = ending
  const expiresAtMs = task.ttlMs === null ? null : Math.max(task.createdAtMs + task.ttlMs, nowMs + retentionMs)
  // To spread an object into one that gets more is much slower.
  return Object.assign(rest, {
    status: move(task.id, task.status, status),
    ...(statusMessage !== undefined && { statusMessage }),
    ...(outcome !== undefined && { outcome }),
    expiresAtMs,
    ttlMs: expiresAtMs === null ? null : expiresAtMs - task.createdAtMs,
    questions: task.questions.map((question) => (question.state === 'open' ? withdrawn(question) : question)),
  })
}

/** What a list shows of a task. */
export function summaryOf(task: TaskRecord): TaskSummary {
  const { request, questions: _asked, outcome, ...rest } = task
  const isError = outcome?.kind === 'result' && outcome.result['isError'] === true
  return { ...rest, ...(request.meta !== undefined && { meta: request.meta }), isError }
}

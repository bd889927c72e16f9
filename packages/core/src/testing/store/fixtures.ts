import { deepEqual, equal, ok } from 'node:assert/strict'
import type { NewQuestion, NewTask, QuestionAnswer, TaskEnding, TaskRecord } from '../../store/task-record.ts'
import type {
  Claim,
  ClaimRequest,
  CreateOptions,
  TaskStore,
  WriteGuard,
  WriteAck,
  WriteResult,
} from '../../store/task-store.ts'
import { openStatuses } from '../../task/task-status.ts'
import { createTask } from '../../worker/create-task.ts'

/** Longer than any test takes. */
export const longMs: number = 3_600_000

/** Over after {@link passShort}, and hardly before: a store's clock may be a real one, on a busy machine. */
export const shortMs: number = 200

/** Lets what lasts `shortMs` be over. */
export async function passShort(under: { advance(ms: number): Promise<void> }): Promise<void> {
  await under.advance(shortMs * 1.5)
}

/** A task that may run three times, unless `over` says otherwise. */
export function newTask(over: Partial<NewTask> = {}): NewTask {
  const task = createTask({ ttlMs: longMs, namespace: 'test', owner: 'ann', quota: 'ann', tool: 'render' })
  return { ...task, maxTtlMs: longMs * 2, onCrash: 'rerun', maxAttempts: 3, ...over }
}

/** Puts a task in, which must succeed. */
export async function put(store: TaskStore, over?: Partial<NewTask>, options?: CreateOptions): Promise<TaskRecord> {
  const created = await store.create(newTask(over), options)
  ok(created.kind === 'created', `The task was not created: ${created.kind}.`)
  return created.task
}

/** Who takes a task in these tests. */
export const worker: ClaimRequest = { namespace: 'test', tools: ['render'], leaseMs: longMs }

/** A task whose body is never started twice. */
export const once: Partial<NewTask> = { onCrash: 'fail', maxAttempts: 1 }

/** Who looks for lost tasks in these tests. */
export const finder: Parameters<TaskStore['claimLost']>[0] = { namespace: 'test', leaseMs: longMs }

/** Takes a task, which must succeed. */
export async function take(store: TaskStore, id: string, leaseMs: number = longMs): Promise<Claim> {
  const claim = await store.claim(id, { ...worker, leaseMs })
  ok(claim !== undefined, 'The task was not claimed.')
  return claim
}

/** Puts a task in and takes it. */
export async function putTaken(store: TaskStore, over?: Partial<NewTask>, leaseMs?: number): Promise<Claim> {
  const { id } = await put(store, over)
  return await take(store, id, leaseMs)
}

/** The task as it stands, which must be there. */
export async function read(store: TaskStore, id: string): Promise<TaskRecord> {
  const task = await store.get(id)
  ok(task !== undefined, 'The task is not there.')
  return task
}

/** What a write made of the task; it must have been done. */
export async function written(write: Promise<WriteResult>): Promise<TaskRecord> {
  const result = await write
  ok(result.kind === 'written', `The write was not done: ${result.kind}.`)
  return result.task
}

/** The task after a write that does not give it back; it must have been done. */
export async function updated(store: TaskStore, id: string, write: Promise<WriteAck>): Promise<TaskRecord> {
  const { kind } = await write
  ok(kind === 'written', `The write was not done: ${kind}.`)
  return await read(store, id)
}

/** Checks that a write was refused; where it gives the task, as that stands. */
export function refused(result: WriteAck & { readonly task?: TaskRecord }, task: TaskRecord, what?: string): void {
  equal(result.kind, 'refused', what)
  if (result.task !== undefined) deepEqual(result.task, task, what)
}

/** The first task that was lost, taken. */
export async function takeLost(
  store: TaskStore,
  by: Parameters<TaskStore['claimLost']>[0],
): Promise<Claim | undefined> {
  return (await store.claimLost(by, 1))[0]
}

/** Which tasks could be claimed. */
export async function claimableIds(
  store: TaskStore,
  claim: Parameters<TaskStore['claimable']>[0],
  limit: number,
): Promise<readonly string[]> {
  return (await store.claimable(claim, { limit })).tasks.map(({ id }) => id)
}

/** Which tasks a sweep found gone. */
export async function sweepIds(store: TaskStore, limit: number): Promise<readonly string[]> {
  return (await store.sweep(limit)).map(({ id }) => id)
}

/** Asks nothing of a task but that it is open. */
export const ifOpen: WriteGuard = { from: openStatuses }

/** A question under a key. */
export function question(key: string, over: Partial<NewQuestion> = {}): NewQuestion {
  return { key, identity: `identity of ${key}`, method: 'elicitation/create', params: { message: `${key}?` }, ...over }
}

/** An answer that says so. */
export function answer(said: string): QuestionAnswer {
  return { kind: 'result', result: { action: 'accept', content: { said } } }
}

/** The end of a task that went well. */
export function completed(said: string = 'done'): TaskEnding {
  return { status: 'completed', outcome: { kind: 'result', result: { said } }, retentionMs: longMs }
}

/** The end of a task that somebody cancelled. */
export const cancelled: TaskEnding = { status: 'cancelled', statusMessage: 'enough', retentionMs: longMs }

/** Every way to write to an open task that has the question `q`, by name, each as the executing side does it. */
export function writes(
  store: TaskStore,
  id: string,
  guard: WriteGuard,
): Readonly<Record<string, () => Promise<WriteAck>>> {
  return {
    end: () => store.end(id, completed(), guard),
    note: () => store.note(id, { statusMessage: 'half way' }, guard),
    ask: () => store.ask(id, question('another'), guard),
    withdraw: () => store.withdraw(id, ['q'], guard),
    saveStep: () => store.saveStep(id, { key: 'step', value: 1 }, guard),
  }
}

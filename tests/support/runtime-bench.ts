import {
  InProcessEngine,
  MemoryStore,
  TaskRuntime,
  type JsonObject,
  type TaskEngine,
  type NewTask,
  type Redact,
  type StartRequest,
  type TaskBody,
  type TaskDefinition,
  type TaskEvent,
  type TaskLimits,
  type TaskOutcome,
  type TaskRecord,
  type TaskStatus,
  type TaskStore,
  createTask,
} from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'

export const leaseMs = 15_000

export interface BenchOptions {
  readonly clock?: ManualClock
  readonly store?: TaskStore
  readonly concurrency?: number
  readonly engine?: TaskEngine
  readonly limits?: Partial<TaskLimits>
  readonly redact?: Redact
}

/** A process that runs tasks, on a clock that stands still; several may share a store. */
export class RuntimeBench {
  readonly clock: ManualClock
  readonly store: TaskStore
  readonly engine: TaskEngine
  readonly runtime: TaskRuntime
  readonly events: TaskEvent[] = []

  constructor({
    clock = new ManualClock(),
    store = new MemoryStore({ clock }),
    concurrency = 4,
    engine = new InProcessEngine({ concurrency }),
    limits = {},
    redact,
  }: BenchOptions = {}) {
    this.clock = clock
    this.store = store
    this.engine = engine
    this.runtime = new TaskRuntime({
      backend: { store, engine: this.engine },
      namespace: 'test',
      limits,
      leaseMs,
      clock,
      onEvent: (event) => this.events.push(event),
      ...(redact !== undefined && { redact }),
    })
  }

  /** Another process on the same store. */
  another(): RuntimeBench {
    return new RuntimeBench({ clock: this.clock, store: this.store })
  }

  /** Defines the tool `work`. */
  define(body: TaskBody, definition: Omit<TaskDefinition, 'body'> = {}): void {
    this.runtime.define('work', { body, ...definition })
  }

  async start(over: Partial<StartRequest> = {}): Promise<TaskRecord> {
    return await this.runtime.start({ tool: 'work', owner: 'ann', arguments: {}, pollIntervalMs: 500, ...over })
  }

  /** Resolves when the task is in one of these states. */
  async until(id: string, ...statuses: readonly TaskStatus[]): Promise<TaskRecord> {
    return await this.runtime.until(id, (task) =>
      task !== undefined && statuses.includes(task.status) ? task : undefined,
    )
  }

  /** Resolves when the task has ended. */
  async ended(id: string): Promise<TaskRecord> {
    return await this.until(id, 'completed', 'failed', 'cancelled')
  }

  /** The kinds of the events of tasks, in order. */
  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind)
  }

  /**
   * A task that another process took, `attempts` times, and that died: its lease has run out. What it wrote last, `before`
   * wrote.
   */
  async crashed(
    over: Partial<NewTask> = {},
    {
      attempts = 1,
      before = async () => {},
    }: { attempts?: number; before?: (id: string, token: string) => Promise<void> } = {},
  ): Promise<string> {
    const shape = { ttlMs: 86_400_000, namespace: 'test', owner: 'ann', quota: 'ann', tool: 'work' }
    const task = { ...createTask(shape), request: { arguments: {}, capabilities }, ...over }
    await this.store.create(task)
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const claim = await this.store.claim(task.id, { namespace: 'test', tools: ['work'], leaseMs: 1_000 })
      if (attempt === attempts) await before(task.id, claim!.token)
      await this.clock.advance(1_000)
    }
    return task.id
  }
}

/** What a requestor that can do everything declares. */
export const capabilities: JsonObject = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} }

/** A task of a tool that may run three times. */
export const rerun = { onCrash: 'rerun', maxAttempts: 3 } as const

export function said(text: string): TaskOutcome {
  return { kind: 'result', result: { said: text } }
}

/** Something that happens once, when the test or a body says so. */
export class Moment<T = void> {
  readonly come: Promise<T>
  #come: ((value: T) => void) | undefined

  constructor() {
    this.come = new Promise((resolve) => {
      this.#come = resolve
    })
  }

  now(value: T): void {
    this.#come?.(value)
  }
}

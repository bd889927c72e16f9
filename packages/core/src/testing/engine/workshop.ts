import type { EngineSlot, EngineTask, EngineWorker, TaskEngine } from '../../engine/task-engine.ts'

/** A worker whose tasks end when the test says so, and which keeps a log of what they do. */
export class Workshop implements EngineWorker {
  readonly namespace: string = 'test'
  /** `begin a`, `park a`, `return a`, `end a`: what was done, in order. */
  readonly log: string[] = []
  /** How many were not parked at once, at most. */
  peak = 0
  readonly #known: readonly string[]
  readonly #body: (id: string, slot: EngineSlot) => Promise<void>
  readonly #ends = new Map<string, () => void>()
  readonly #watchers: (() => void)[] = []
  #busy = 0

  /**
   * @param options.tools Which tools it knows; `render` by default.
   * @param options.body What a task does; by default it waits for {@link end}.
   */
  constructor(
    options: {
      readonly tools?: readonly string[]
      readonly body?: (id: string, slot: EngineSlot) => Promise<void>
    } = {},
  ) {
    this.#known = options.tools ?? ['render']
    this.#body = options.body ?? ((id) => this.untilEnded(id))
  }

  readonly tools = (): readonly string[] => this.#known

  async run(id: string, slot: EngineSlot): Promise<void> {
    this.#move(1)
    this.#note(`begin ${id}`)
    try {
      await this.#body(id, slot)
    } finally {
      this.#move(-1)
      this.#note(`end ${id}`)
    }
  }

  /** The tasks that began, in order. */
  get begun(): readonly string[] {
    return this.log.filter((entry) => entry.startsWith('begin ')).map((entry) => entry.slice('begin '.length))
  }

  /** For a body: waits until {@link end} is called for it. */
  untilEnded(id: string): Promise<void> {
    return new Promise((resolve) => this.#ends.set(id, resolve))
  }

  /** Lets a task end, which has begun and waits for it. */
  end(id: string): void {
    this.#ends.get(id)!()
  }

  /** For a body: waits in its slot for all of them. */
  async park<T>(id: string, slot: EngineSlot, ...waits: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
    this.#move(-1)
    this.#note(`park ${id}`)
    try {
      return await Promise.all(waits.map((wait) => slot.park(wait)))
    } finally {
      this.#move(1)
      this.#note(`return ${id}`)
    }
  }

  /** Resolves when the log has an entry, `times` times. */
  async until(entry: string, times: number = 1): Promise<void> {
    while (this.log.filter((each) => each === entry).length < times) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve))
    }
  }

  #note(entry: string): void {
    this.log.push(entry)
    for (const wake of this.#watchers.splice(0)) wake()
  }

  #move(by: 1 | -1): void {
    this.#busy += by
    this.peak = Math.max(this.peak, this.#busy)
  }
}

/** What a body waits for, until the test says how it goes. */
export class Gate {
  /** Resolves, or rejects, when the test says so. */
  readonly opened: Promise<void>
  #settle: { readonly open: () => void; readonly fail: (why: Error) => void } | undefined

  constructor() {
    this.opened = new Promise((open, fail) => {
      this.#settle = { open, fail }
    })
  }

  open(): void {
    this.#settle?.open()
  }

  fail(why: Error): void {
    this.#settle?.fail(why)
  }
}

/** Submits tasks of the tool `render`, in order. */
export async function submit(engine: TaskEngine, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await engine.submit(task(id))
}

/** A task as an engine knows it. */
export function task(id: string, over: Partial<EngineTask> = {}): EngineTask {
  return { id, tool: 'render', namespace: 'test', ...over }
}

/** Lets go of the event loop for some rounds, so that what could happen by itself has happened. */
export async function rounds(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A workshop in which the task `asking` waits until it is answered; each ends when it is told to. */
export function workshopThatAsks(answered: Gate): Workshop {
  const workshop: Workshop = new Workshop({
    body: async (id, slot) => {
      if (id === 'asking') await workshop.park(id, slot, () => answered.opened)
      await workshop.untilEnded(id)
    },
  })
  return workshop
}

import { expect, test } from 'vitest'
import { InProcessEngine } from '../engine/in-process-engine.ts'
import type { EngineTask, EngineWorker, TaskEngine } from '../engine/task-engine.ts'
import { engineContract } from '../testing.ts'

/** Work that several engines share: each takes a task when it has a place for it, and knows its tool. */
class SharedEngine implements TaskEngine {
  readonly #board: { readonly tasks: EngineTask[]; readonly engines: Set<SharedEngine> }
  readonly #concurrency: number
  /** Runs what it is given, one more than it can at most; whoever has no place waits there. */
  readonly #places: InProcessEngine
  #busy = 0
  #worker: EngineWorker | undefined

  constructor(concurrency: number, board = { tasks: [] as EngineTask[], engines: new Set<SharedEngine>() }) {
    this.#board = board
    this.#concurrency = concurrency
    this.#places = new InProcessEngine({ concurrency })
    board.engines.add(this)
  }

  another(): SharedEngine {
    return new SharedEngine(this.#concurrency, this.#board)
  }

  async submit(task: EngineTask): Promise<void> {
    if (this.#board.tasks.some(({ id }) => id === task.id)) return
    this.#board.tasks.push(task)
    this.#look()
  }

  async start(worker: EngineWorker): Promise<void> {
    this.#worker = worker
    await this.#places.start({
      ...worker,
      tools: worker.tools,
      run: async (id, slot) => {
        await worker
          .run(id, {
            park: (wait) =>
              slot.park(async () => {
                this.#busy -= 1
                this.#look()
                try {
                  return await wait()
                } finally {
                  this.#busy += 1
                }
              }),
          })
          .finally(() => (this.#busy -= 1))
        this.#look()
      },
    })
    this.#look()
  }

  async stop(): Promise<void> {
    this.#board.engines.delete(this)
    await this.#places.stop()
  }

  #look(): void {
    for (const engine of this.#board.engines) engine.#take()
  }

  #take(): void {
    const worker = this.#worker
    if (worker === undefined) return
    const isKnown = ({ tool, namespace }: EngineTask): boolean =>
      namespace === worker.namespace && worker.tools().includes(tool)
    while (this.#busy < this.#concurrency) {
      const index = this.#board.tasks.findIndex(isKnown)
      if (index === -1) return
      this.#busy += 1
      void this.#places.submit(...(this.#board.tasks.splice(index, 1) as [EngineTask]))
    }
  }
}

const contract = engineContract({
  open: async ({ concurrency }) => ({ engine: new SharedEngine(concurrency), close: async () => {} }),
  openSecond: async ({ engine }) => engine.another(),
})
const shared = contract.filter(({ name }) => name.startsWith('between two processes, '))

test.each(shared.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => await run())

test('every claim has a name of its own', () => {
  const names = contract.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(shared.length).toBeGreaterThan(2)
})

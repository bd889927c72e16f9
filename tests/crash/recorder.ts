/** The client of a crash test: it keeps many tasks in flight on both wires, and remembers all that it ever saw of them. */
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet, Server } from './fleet.ts'
import { TaskLedger, type Errand } from './ledger.ts'
import type { Random } from './random.ts'
import { speaker2025 } from './speaker-2025.ts'
import { speaker2026 } from './speaker-2026.ts'
import type { Speaker } from './speaker.ts'

export class Recorder {
  /** All tasks whose id has come, in the order in which it came. */
  readonly tasks: TaskLedger[] = []
  /** What was seen that must never be. */
  readonly violations: string[] = []
  readonly #speakers: readonly Speaker[]
  readonly #fleet: Fleet
  readonly #random: Random
  readonly #busy = new Set<Promise<void>>()
  readonly #heard = new EventEmitter()
  #replies = 0
  #labels = 0
  #isStarting = true
  #isLooking = true

  constructor(fleet: Fleet, random: Random) {
    this.#fleet = fleet
    this.#random = random
    const think = (): Promise<void> => sleep(random.int(0, 25))
    this.#speakers = [speaker2025(think), speaker2026(think)]
  }

  /** Begins to keep so many tasks in flight, and to look again and again at those that have ended. */
  begin(inFlight: number): void {
    for (let lane = 0; lane < inFlight; lane++) {
      const speaker = this.#speakers[lane % this.#speakers.length]!
      this.#do(async () => {
        while (this.#isStarting) await this.#carryOut(speaker, this.#errand(speaker.wire))
      })
    }
    this.#do(async () => {
      while (this.#isLooking) {
        await sleep(5)
        const task = this.tasks.length === 0 ? undefined : this.#random.pick(this.tasks)
        if (task?.isOver === true) await this.#visit(task)
      }
    })
  }

  /** Has a task run that kills its process; resolves when it is over. */
  async poison(wire: string): Promise<void> {
    const speaker = this.#speakers.find((each) => each.wire === wire)!
    const errand: Errand = { tool: 'poison', plan: { label: this.#label(), wire, steps: [], questions: {} } }
    while (!(await this.#carryOut(speaker, errand))) {
      // Its id did not get through: another one.
    }
  }

  /** Resolves when so many more replies have come, from whichever server; or when nobody wants to know any more. */
  async hear(replies: number, signal: AbortSignal): Promise<void> {
    const enough = this.#replies + replies
    while (this.#replies < enough && !signal.aborted) {
      await once(this.#heard, 'reply', { signal }).catch(() => {})
    }
  }

  /** Starts no more tasks, and waits for the end of those that are there. */
  async drain(): Promise<void> {
    this.#isStarting = false
    this.#isLooking = false
    while (this.#busy.size > 0) await Promise.all(this.#busy)
  }

  /** Looks once more at each task. */
  async lookAtAll(): Promise<void> {
    const tasks = this.tasks.values()
    const look = async (): Promise<void> => {
      for (const task of tasks) await this.#visit(task)
    }
    await Promise.all(Array.from({ length: 8 }, look))
  }

  /** Starts a task and follows it to its end; `false` when its id never came. */
  async #carryOut(speaker: Speaker, errand: Errand): Promise<boolean> {
    const startedAtMs = Date.now()
    const id = await this.#try((server) => speaker.start(server, errand))
    if (id === undefined) return false
    const task = new TaskLedger(id, errand, startedAtMs, this.violations)
    this.tasks.push(task)
    const cancelled = this.#random.chance(0.2) && errand.tool !== 'poison' ? this.#cancel(speaker, task) : undefined
    for (;;) {
      await this.#visit(task)
      if (task.isOver) break
      await this.#pause()
    }
    await cancelled
    return true
  }

  /** Cancels a task some time after it began, and again until the server has said something to it. */
  async #cancel(speaker: Speaker, task: TaskLedger): Promise<void> {
    await sleep(this.#random.int(0, 250))
    while (!task.isCancelAcknowledged && !task.isGone) await this.#try((server) => speaker.cancel(server, task))
  }

  async #visit(task: TaskLedger): Promise<void> {
    const speaker = this.#speakers.find(({ wire }) => wire === task.errand.plan.wire)!
    await this.#try((server) => speaker.visit(server, task))
  }

  /** Says something to a server; `undefined` when that died of it, or before. */
  async #try<T>(say: (server: Server) => Promise<T>): Promise<T | undefined> {
    const server = this.#random.pick(await this.#fleet.serving())
    try {
      const reply = await say(server)
      this.#replies += 1
      this.#heard.emit('reply')
      return reply
    } catch (error) {
      await this.#assertDead(server, error)
      await this.#pause()
      return undefined
    }
  }

  /** Not all lanes speak at once, above all not to a server that has just begun. */
  async #pause(): Promise<void> {
    await sleep(this.#random.int(20, 220))
  }

  /** A request fails when its server ends, and for no other reason. */
  async #assertDead({ life }: Server, error: unknown): Promise<void> {
    const over = new AbortController()
    const late = sleep(10_000, 'late', { signal: over.signal }).catch(() => 'over')
    const came = await Promise.race([late, life.exited])
    over.abort()
    if (came === 'late') this.violations.push(`A server that lives gave ${describe(error)}`)
  }

  #errand(wire: string): Errand {
    const random = this.#random
    const steps = Array.from({ length: random.int(1, 4) }, () => random.int(1, 40))
    const questions: Record<string, number> = {}
    for (const step of steps.keys()) if (random.chance(0.25)) questions[step] = random.int(1, 2)
    const tool = random.pick(['patient', 'patient', 'patient', 'patient', 'once', 'once', 'thrice', 'brief'] as const)
    return { tool, plan: { label: this.#label(), wire, steps, questions } }
  }

  #label(): string {
    this.#labels += 1
    return `task ${this.#labels}`
  }

  #do(work: () => Promise<void>): void {
    const busy = work()
      .catch((error: unknown) => void this.violations.push(describe(error)))
      .finally(() => this.#busy.delete(busy))
    this.#busy.add(busy)
  }
}

/** A broken connection says why in its cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.stack} (${error.cause.message})` : String(error.stack)
}

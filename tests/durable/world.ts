import { isDeepStrictEqual } from 'node:util'
import { MemoryStore, type Claim, type ExpiredTask, type TaskPage, type TaskRecord } from '@longcall/core'
import { comparable, namesGiven, renamed, replyOf } from './comparing.ts'
import { HeldLeases } from './held-leases.ts'
import type { Call, Reply } from './store-process.mjs'

/** Something that happened at one moment: a call, or what comes before it. */
export interface Happening {
  /** `leases`: those of dead processes end, as they do before anything is taken from anybody. */
  readonly part: 'leases' | 'call'
  readonly call: MadeCall
  readonly nowMs: number
  /** Which processes were known to be dead. */
  readonly dead: ReadonlySet<number>
}

/** A call that a process made. */
export interface MadeCall extends Call {
  /** The process. */
  readonly by: number
  /** Absent where the process died before anybody heard of it. */
  readonly reply: Reply | undefined
}

/** One way in which things may have happened: a store in memory to which all of it was done, in that order. */
export class World {
  #nowMs = 0
  readonly #store = new MemoryStore({ clock: { now: () => this.#nowMs, sleep: () => Promise.reject(new Error()) } })
  readonly #leases = new HeldLeases(this.#store)
  readonly #past: Happening[] = []
  /** Tokens and cursors of the file, and what they are called here. */
  readonly #names = new Map<string, string>()
  /** When each task was created, counted up, and how many there had been when a cursor was given. */
  readonly #created = new Map<string, number>()
  readonly #cursorsGiven = new Map<string, number>()
  #creations = 0
  /** Tasks that are gone, and that no sweep has named. */
  readonly #unnamed: ExpiredTask[] = []
  /** What the last call should have given, where something else was heard. */
  expected: unknown

  /** The same world, to which something else may happen. */
  async fork(): Promise<World> {
    const other = new World()
    for (const happening of this.#past) await other.take(happening)
    return other
  }

  /** Lets it happen here, and says whether what was heard of it fits. */
  async take(happening: Happening): Promise<boolean> {
    this.#past.push(happening)
    this.#nowMs = happening.nowMs
    if (happening.part === 'call') return await this.#take(happening.call)
    await this.#leases.endDead(happening.dead, this.#nowMs)
    return true
  }

  /** What a call that changes nothing gives here. */
  async look(call: Call, nowMs: number): Promise<unknown> {
    this.#nowMs = nowMs
    return comparable(call, await replyOf(this.#store, call))
  }

  /** The same for two worlds in which the same can happen; `looks` see all that there is to be seen. */
  async key(looks: readonly Call[]): Promise<string> {
    const seen = await Promise.all(looks.map((look) => this.look(look, this.#nowMs)))
    await this.#expire()
    const names = new Map(Array.from(this.#names, ([name, here]) => [here, name]))
    const unnamed = this.#unnamed.map((task) => JSON.stringify(task)).toSorted()
    return JSON.stringify([seen, this.#leases.key((token) => names.get(token)), unnamed], (_, value: unknown) =>
      value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : value,
    )
  }

  async #take(call: MadeCall): Promise<boolean> {
    const { method, args, by, reply } = call
    if (method === 'sweep') return await this.#sweep(Number(args[0]), reply)
    const here = { method, args: args.map((value) => renamed(value, this.#names)) }
    const heard = reply === undefined ? undefined : comparable(call, reply)
    const ask = async (): Promise<unknown> => comparable(here, await replyOf(this.#store, here))
    const given =
      method === 'claimLost' && Array.isArray(heard) && heard.length === args[1]
        ? // Not all of the lost: which ones is the store's affair.
          await this.#leases.whileAlive(idsOf(heard as readonly Claim[]), this.#nowMs, ask)
        : await ask()
    this.#leases.keep(here, given, { by, nowMs: this.#nowMs })
    if (method === 'create') this.#countCreated(given as { readonly task?: TaskRecord })
    if (reply === undefined) return true
    this.#learnNames(heard, given)
    const isSame = isDeepStrictEqual(this.#seen(call, renamed(heard, this.#names)), this.#seen(call, given))
    if (!isSame) this.expected = { method, given }
    return isSame
  }

  /** Tasks that are gone are named once, as many as were asked for; which of them first is the store's affair. */
  async #sweep(limit: number, reply: Reply | undefined): Promise<boolean> {
    await this.#expire()
    if (reply === undefined) {
      this.#unnamed.length = 0
      return true
    }
    const named = 'value' in reply ? (reply.value as readonly ExpiredTask[]) : []
    this.expected = { method: 'sweep', given: [...this.#unnamed] }
    if (named.length !== Math.min(limit, this.#unnamed.length)) return false
    return named.every((task) => {
      const index = this.#unnamed.findIndex((one) => isDeepStrictEqual(one, task))
      if (index !== -1) this.#unnamed.splice(index, 1)
      return index !== -1
    })
  }

  async #expire(): Promise<void> {
    this.#unnamed.push(...(await this.#store.sweep(Infinity)))
  }

  #countCreated({ task }: { readonly task?: TaskRecord }): void {
    if (task === undefined) return
    this.#creations += 1
    this.#created.set(task.id, this.#creations)
  }

  /** A name stays: a token that was given a second time is not the one that is expected here. */
  #learnNames(heard: unknown, given: unknown): void {
    for (const [name, here] of namesGiven(heard, given)) {
      if (!this.#names.has(name)) this.#names.set(name, here)
      this.#cursorsGiven.set(name, this.#creations)
    }
  }

  /** After a cursor: the tasks that were there when it was given. Of others it says nothing. */
  #seen({ args }: Call, value: unknown): unknown {
    const { cursor } = (args[1] ?? {}) as { readonly cursor?: string }
    const { tasks } = (value ?? {}) as Partial<TaskPage>
    if (cursor === undefined || tasks === undefined) return value
    const creations = this.#cursorsGiven.get(cursor) ?? 0
    return tasks.filter(({ id }) => this.#created.get(id)! <= creations)
  }
}

function idsOf(claims: readonly Claim[]): ReadonlySet<string> {
  return new Set(claims.map(({ task }) => task.id))
}

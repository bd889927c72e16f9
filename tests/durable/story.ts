import { deepEqual, fail } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { inspect, isDeepStrictEqual } from 'node:util'
import type { Claim, ClaimRequest, TaskPage, TaskRecord } from '@longcall/core'
import { idOf, toCall, type Draw, type Method } from './calls.ts'
import { comparable } from './comparing.ts'
import type { Crew, Death } from './crew.ts'
import { worldsAfter } from './orders.ts'
import type { Call, Time } from './store-process.mjs'
import { World, type MadeCall } from './world.ts'

/** What happens next in a story. */
export type Step =
  | {
      readonly kind: 'calls'
      /** Made at once. */
      readonly calls: readonly (Draw & { readonly who: number })[]
      /** Of the process that makes the first of them. */
      readonly death?: Death | undefined
    }
  | { readonly kind: 'kill' | 'reopen'; readonly who: number }
  | { readonly kind: 'pass' | 'turn back'; readonly ms: number }

/** Several processes with one file, beside all worlds that can have come of what they did. */
export class Story {
  readonly #crew: Crew
  /** Get the tasks. */
  readonly #records: readonly Call[]
  /** See all of a store that can be seen without changing anything. */
  readonly #looks: readonly Call[]
  #worlds: readonly World[] = [new World()]
  #time: Time = { wallMs: 1_000_000, evenMs: 0 }
  #turnedBackMs = 0
  #looked = 0
  #there: readonly TaskRecord[] = []
  readonly #tokens = new Map<string, string[]>()
  readonly #cursors: { [method in Method]?: string | undefined } = {}
  /** When tasks expire. */
  readonly #expiries = new Set<number>()

  private constructor(crew: Crew, tasks: number) {
    this.#crew = crew
    const ids = Array.from({ length: tasks }, (_, nth) => idOf(nth))
    this.#records = ids.map((id) => ({ method: 'get', args: [id] }))
    this.#looks = [
      ...this.#records,
      ...ids.flatMap((id) => ['history', 'steps'].map((method) => ({ method, args: [id] }))),
      { method: 'list', args: [{}, { limit: 100 }] },
      { method: 'count', args: [{}] },
    ]
  }

  /** Lets all of it happen, from the first step to the last. */
  static async tell(
    crew: Crew,
    {
      file,
      encryptionKey,
      tasks,
    }: { readonly file: string; readonly encryptionKey?: Uint8Array; readonly tasks: number },
    steps: readonly Step[],
  ): Promise<void> {
    const story = new Story(crew, tasks)
    await crew.open(file, encryptionKey, story.#time)
    for (const step of steps) {
      await story.#take(step)
      await story.#compare()
    }
    await crew.close(story.#time)
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'calls':
        return await this.#call(step)
      case 'kill':
        return await this.#crew.kill(step.who, this.#time)
      case 'reopen':
        return await this.#crew.reopen(step.who, this.#time)
      case 'pass':
        this.#time = { wallMs: this.#time.wallMs + step.ms, evenMs: this.#time.evenMs + step.ms }
        return
      case 'turn back':
        return this.#turnBack(step.ms)
    }
  }

  async #call({ calls: draws, death }: Extract<Step, { kind: 'calls' }>): Promise<void> {
    const victim = death === undefined ? undefined : draws[0]!.who
    const errands = draws.map(({ who, ...draw }) => ({ who, ...this.#toCall(draw, who === victim) }))
    const pids = errands.map(({ who }) => this.#crew.pidOf(who))
    const before = this.#crew.dead
    const replies = await this.#crew.make(errands, this.#time, death)
    const calls = errands.map(({ method, args }, nth): MadeCall => ({
      method,
      args,
      by: pids[nth]!,
      reply: replies[nth],
    }))
    const dead = victim === undefined ? [before] : [before, this.#crew.dead]
    const worlds = await worldsAfter(this.#worlds, { calls, nowMs: this.#time.wallMs, dead }, this.#looks)
    if (worlds.length === 0) {
      const expected = this.#worlds.map((world) => world.expected)
      fail(`In no order do these calls give this: ${inspect({ calls, expected }, { depth: 8 })}`)
    }
    this.#worlds = worlds
    for (const call of calls) this.#remember(call)
  }

  /** Where nobody hears which were taken or named, it is all that there are. */
  #toCall(draw: Draw, isVictim: boolean): Call {
    const { method, args } = toCall(draw, {
      isThere: (id) => this.#there.some((task) => task.id === id),
      tokensOf: (id) => this.#tokens.get(id) ?? [],
      cursors: this.#cursors,
      newToken: () => randomUUID(),
    })
    if (isVictim && method === 'sweep') return { method, args: [100] }
    if (isVictim && method === 'claimLost') return { method, args: [args[0], 100] }
    return { method, args }
  }

  /** Tokens and cursors, for later calls. */
  #remember({ method, args, reply }: MadeCall): void {
    const value = reply === undefined || 'error' in reply ? undefined : reply.value
    const keep = (id: string, token: string): void => {
      const tokens = this.#tokens.get(id) ?? []
      if (!tokens.includes(token)) this.#tokens.set(id, [...tokens, token])
    }
    if (method === 'claim') {
      const { token = (value as Claim | undefined)?.token } = args[1] as ClaimRequest
      // Whether the claim of a process that died was done is not known to whoever has its token.
      if (token !== undefined && (reply === undefined || value !== undefined)) keep(String(args[0]), token)
    } else if (method === 'create' || method === 'claimLost') {
      const claims = (Array.isArray(value) ? value : [value]) as readonly (Partial<Claim> | undefined)[]
      for (const claim of claims) if (claim?.token !== undefined) keep(claim.task!.id, claim.token)
    } else if (method === 'list' || method === 'claimable') {
      this.#cursors[method] = (value as TaskPage | undefined)?.nextCursor ?? this.#cursors[method]
    }
  }

  /** Never behind what has expired, and so little in all that no process takes it for a jump. */
  #turnBack(ms: number): void {
    const { wallMs, evenMs } = this.#time
    const expired = [...this.#expiries].filter((expiresAtMs) => expiresAtMs <= wallMs)
    const next = Math.max(wallMs - ms, ...expired)
    if (this.#turnedBackMs + wallMs - next > 1_000) return
    this.#turnedBackMs += wallMs - next
    this.#time = { wallMs: next, evenMs }
  }

  /** Keeps the worlds that look as the file does to one of the processes. */
  async #compare(): Promise<void> {
    this.#looked += 1
    const replies = await this.#crew.ask(this.#looked % this.#crew.size, this.#looks, this.#time)
    const seen = this.#looks.map((look, nth) => comparable(look, replies[nth]!))
    this.#there = (seen.slice(0, this.#records.length) as readonly (TaskRecord | undefined)[]).filter(
      (task) => task !== undefined,
    )
    for (const { expiresAtMs } of this.#there) if (expiresAtMs !== null) this.#expiries.add(expiresAtMs)
    const views = await Promise.all(this.#worlds.map((world) => this.#view(world)))
    const worlds = this.#worlds.filter((_, nth) => isDeepStrictEqual(seen, views[nth]))
    if (worlds.length === 0) deepEqual(seen, views[0])
    this.#worlds = worlds
  }

  #view(world: World): Promise<readonly unknown[]> {
    return Promise.all(this.#looks.map((look) => world.look(look, this.#time.wallMs)))
  }
}

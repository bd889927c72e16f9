import { StoreProcess } from './store-process.ts'
import type { Call, Reply, Time } from './store-process.mjs'

/** A call, and which member of the crew makes it. */
export interface Errand extends Call {
  readonly who: number
}

/** How a process dies while it does what it was told: so long after it was told, or when all is done but nothing said. */
export type Death = { readonly afterMs: number } | 'unheard'

/** Some processes that share a file; who is killed is replaced. */
export class Crew {
  readonly #members: StoreProcess[]
  /** It takes a while to start one. */
  #spare = new StoreProcess()
  #dead: ReadonlySet<number> = new Set()
  #file: { readonly path: string; readonly encryptionKey: Uint8Array | undefined } | undefined

  constructor(size: number) {
    this.#members = Array.from({ length: size }, () => new StoreProcess())
  }

  get size(): number {
    return this.#members.length
  }

  /** The processes that are known to be dead. */
  get dead(): ReadonlySet<number> {
    return this.#dead
  }

  async open(path: string, encryptionKey: Uint8Array | undefined, time: Time): Promise<void> {
    this.#dead = new Set()
    this.#file = { path, encryptionKey }
    await Promise.all(this.#members.map((member) => this.#open(member, time)))
  }

  async close(time: Time): Promise<void> {
    await Promise.all(this.#members.map((member) => member.close(time)))
  }

  async reopen(who: number, time: Time): Promise<void> {
    await this.#members[who]!.close(time)
    await this.#open(this.#members[who]!, time)
  }

  async kill(who: number, time: Time): Promise<void> {
    const victim = this.#members[who]!
    await victim.kill()
    this.#dead = new Set([...this.#dead, victim.pid])
    this.#members[who] = this.#spare
    this.#spare = new StoreProcess()
    await this.#open(this.#members[who], time)
  }

  /** Ends all processes. */
  async dismiss(): Promise<void> {
    await Promise.all([...this.#members, this.#spare].map((member) => member.kill()))
  }

  pidOf(who: number): number {
    return this.#members[who]!.pid
  }

  /** Has one of them make calls, all at once. */
  ask(who: number, calls: readonly Call[], time: Time): Promise<readonly (Reply | undefined)[]> {
    return Promise.all(this.#members[who]!.ask(calls, time))
  }

  /** Has all of them make calls at once; whoever makes the first may die of it. What nobody heard of has no reply. */
  async make(
    errands: readonly Errand[],
    time: Time,
    death: Death | undefined,
  ): Promise<readonly (Reply | undefined)[]> {
    const replies: Promise<Reply | undefined>[] = []
    const victim = death === undefined ? undefined : errands[0]!.who
    for (const who of new Set(errands.map((errand) => errand.who))) {
      const own = [...errands.entries()].filter(([, errand]) => errand.who === who)
      const calls = own.map(([, { method, args }]) => ({ method, args }))
      const diesUnheard = death === 'unheard' && who === victim
      const heard = this.#members[who]!.ask(calls, time, { diesUnheard })
      for (const [index, [nth]] of own.entries()) replies[nth] = heard[index]!
    }
    if (victim !== undefined) {
      if (death === 'unheard') await Promise.all(replies)
      else spin(death!.afterMs)
      await this.kill(victim, time)
    }
    return Promise.all(replies)
  }

  async #open(member: StoreProcess, time: Time): Promise<void> {
    await member.open(this.#file!.path, this.#file!.encryptionKey, time)
  }
}

/** Waits for less than a timer can. */
function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

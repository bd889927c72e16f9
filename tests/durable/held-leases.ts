import type { Claim, Lease, TaskStore } from '@longcall/core'
import type { Call } from './store-process.mjs'

interface HeldLease {
  readonly token: string
  readonly untilMs: number
  readonly leaseMs: number
  /** The process that took it, or held it on last. */
  readonly holder: number
}

/**
 * Who holds which lease of a store that knows nothing of processes, so that it can be done to its leases what is done to those of
 * the dead: a heartbeat makes a lease as long as one wants.
 */
export class HeldLeases {
  readonly #store: TaskStore
  readonly #leases = new Map<string, HeldLease>()

  constructor(store: TaskStore) {
    this.#store = store
  }

  /** Takes down what a call made of leases. */
  keep({ method, args }: Call, given: unknown, { by, nowMs }: { readonly by: number; readonly nowMs: number }): void {
    const hold = ({ id, token }: Lease, leaseMs: number): void =>
      void this.#leases.set(id, { token, leaseMs, untilMs: nowMs + leaseMs, holder: by })
    const [first, second] = args as readonly [never, never]
    switch (method) {
      case 'create': {
        const { kind, task, token } = given as Partial<Claim> & { readonly kind: string }
        if (kind !== 'created') return
        this.#leases.delete(task!.id)
        if (token !== undefined) hold({ id: task!.id, token }, leaseOf(second))
        return
      }
      case 'claim': {
        if (given === undefined) return
        const { task, token } = given as Claim
        // Claimed again with the same token, it is as it was.
        if (this.#leases.get(task.id)?.token !== token) hold({ id: task.id, token }, leaseOf(second))
        return
      }
      case 'claimLost':
        for (const { task, token } of given as readonly Claim[]) hold({ id: task.id, token }, leaseOf(first))
        return
      case 'heartbeat': {
        const states = given as ReadonlyMap<string, string>
        for (const lease of first as readonly Lease[]) if (states.get(lease.id) === 'held') hold(lease, second)
        return
      }
      case 'end':
      case 'release':
        if ((given as { readonly kind: string }).kind === 'written') this.#leases.delete(first)
        return
      default:
    }
  }

  /** Ends the leases of dead processes; and none reaches further than it can have been given for. */
  async endDead(dead: ReadonlySet<number>, nowMs: number): Promise<void> {
    for (const [id, lease] of this.#leases) {
      const leftMs = lease.untilMs - nowMs
      const mayLeaveMs = dead.has(lease.holder) ? 0 : lease.leaseMs
      if (leftMs <= 0 || leftMs <= mayLeaveMs) continue
      await this.#store.heartbeat([{ id, token: lease.token }], mayLeaveMs)
      this.#leases.set(id, { ...lease, untilMs: nowMs + mayLeaveMs })
    }
  }

  /** Does something while all leases but these look as if they had not run out. */
  async whileAlive<T>(butOf: ReadonlySet<string>, nowMs: number, run: () => Promise<T>): Promise<T> {
    const others = [...this.#leases].filter(([id, { untilMs }]) => untilMs <= nowMs && !butOf.has(id))
    for (const [id, { token }] of others) await this.#store.heartbeat([{ id, token }], 1)
    const value = await run()
    for (const [id, { token, untilMs }] of others) await this.#store.heartbeat([{ id, token }], untilMs - nowMs)
    return value
  }

  /** The same for two whose leases are the same. */
  key(nameOf: (token: string) => string | undefined): string {
    const leases = [...this.#leases].map(([id, { token, ...lease }]) => [id, nameOf(token), lease] as const)
    return JSON.stringify(leases.toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }
}

function leaseOf({ leaseMs }: { readonly leaseMs: number }): number {
  return leaseMs
}

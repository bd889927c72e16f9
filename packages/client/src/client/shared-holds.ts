import { unlessAborted } from '../connection/unless-aborted.ts'

/**
 * Something that several holders share: opened for the first, closed for the last.
 *
 * - Who acquires while it is being opened waits with the others; who acquires while it is being closed waits for that, and
 *   opens it anew.
 * - A failure to open is everybody's who waited for it, and leaves no holds.
 * - A holder that stops waiting gives up its hold; when the last one does, the opening is called off.
 */
export class SharedHolds<T> {
  readonly #port: HoldsPort<T>
  #holds = 0
  #state: State<T> = { kind: 'idle' }

  constructor(port: HoldsPort<T>) {
    this.#port = port
  }

  /** What is held, while it is open. */
  get held(): T | undefined {
    return this.#state.kind === 'open' ? this.#state.held : undefined
  }

  /** Whether it was ever open, and is no more. */
  get isClosed(): boolean {
    return this.#state.kind === 'closing' || this.#state.kind === 'closed'
  }

  /** Takes a hold, and gives what is held. Rejects with why it could not be opened, or with the signal's reason. */
  async acquire(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    this.#holds += 1
    const hold = { generation: this.#generation, signal }
    try {
      const held = await (signal === undefined ? this.#open(hold) : unlessAborted(this.#open(hold), signal))
      this.#assertKept(hold)
      return held
    } catch (error) {
      // Whoever ended all holds has seen to this one.
      if (hold.generation === this.#generation) {
        this.#holds -= 1
        if (this.#holds === 0) void this.#callOff(error)
      }
      throw error
    }
  }

  /** Gives up one hold, or, by `force`, everybody's; resolves when what this closed is closed. */
  async release({ force }: { readonly force: boolean }): Promise<void> {
    if (force) this.#holds = 0
    else if (this.#holds > 0) this.#holds -= 1
    if (this.#holds > 0) return
    const why = new Error('the client was closed')
    this.#endHolds(why)
    await this.#close(why)
    if (this.#state.kind === 'idle') this.#state = { kind: 'closed' }
  }

  /** Counts how often all holds ended at once: one that was taken before is none any more. */
  #generation = 0
  /** Why they did, the last time. */
  #ended: unknown

  #endHolds(why: unknown): void {
    this.#holds = 0
    this.#generation += 1
    this.#ended = why
  }

  #assertKept({ generation }: Hold): void {
    if (generation !== this.#generation) throw this.#ended
  }

  async #open(hold: Hold): Promise<T> {
    for (;;) {
      // Time has passed since the hold was taken: it may be nobody's now, and nothing is opened for nobody.
      this.#assertKept(hold)
      hold.signal?.throwIfAborted()
      const state = this.#state
      if (state.kind === 'opening') return state.done
      if (state.kind === 'closing') await state.done
      else if (state.kind === 'open' && !this.#port.isOver(state.held)) return state.held
      else if (state.kind === 'open') await this.#close(undefined)
      else break
    }
    const abort = new AbortController()
    const opening: Extract<State<T>, { kind: 'opening' }> = {
      kind: 'opening',
      abort,
      done: this.#port.open(abort.signal),
    }
    this.#state = opening
    opening.done.then(
      (held) => {
        if (this.#state === opening) this.#state = { kind: 'open', held }
      },
      (error: unknown) => {
        if (this.#state !== opening) return
        this.#state = { kind: 'idle' }
        this.#endHolds(error)
      },
    )
    return opening.done
  }

  /** The last one who waited for it to be opened does so no more. */
  async #callOff(why: unknown): Promise<void> {
    this.#endHolds(why)
    const wasOpening = this.#state.kind === 'opening'
    await this.#close(why)
    if (wasOpening && this.#state.kind === 'closed') this.#state = { kind: 'idle' }
  }

  async #close(why: unknown): Promise<void> {
    const state = this.#state
    switch (state.kind) {
      case 'opening':
        state.abort.abort(why)
        // It may be open in the last moment.
        return this.#closing(state.done.then((held) => this.#port.close(held)).catch(() => {}))
      case 'open':
        return this.#closing(this.#port.close(state.held))
      case 'closing':
        return state.done
      case 'idle':
      case 'closed':
    }
  }

  #closing(closed: Promise<void>): Promise<void> {
    const done = closed.then(() => {
      this.#state = { kind: 'closed' }
    })
    this.#state = { kind: 'closing', done }
    return done
  }
}

/** Somebody's wish that it be open, at the time when it was uttered. */
interface Hold {
  readonly generation: number
  readonly signal: AbortSignal | undefined
}

/** What {@link SharedHolds} share. */
export interface HoldsPort<T> {
  open(signal: AbortSignal): Promise<T>
  /** Never rejects. */
  close(held: T): Promise<void>
  /** Whether it has ended by itself, and must be opened anew. */
  isOver(held: T): boolean
}

type State<T> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening'; readonly abort: AbortController; readonly done: Promise<T> }
  | { readonly kind: 'open'; readonly held: T }
  | { readonly kind: 'closing'; readonly done: Promise<void> }
  | { readonly kind: 'closed' }

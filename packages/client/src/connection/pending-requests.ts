/** A request that the server has not answered yet. */
export interface PendingRequest {
  /** Its JSON-RPC id on the wire. */
  readonly id: string
  readonly method: string
  /** What it is about, where the method has that: a tool, a prompt, the URI of a resource. */
  readonly name?: string
  readonly startedAt: Date
}

/** The requests of a connection that are under way, each with the way to end it. */
export class PendingRequests {
  readonly #pending = new Map<string, { readonly request: PendingRequest; readonly abort: (reason: unknown) => void }>()

  /** Notes a request that was just sent; call what is returned when it is over. */
  add(request: PendingRequest, abort: (reason: unknown) => void): () => void {
    this.#pending.set(request.id, { request, abort })
    return () => void this.#pending.delete(request.id)
  }

  list(): readonly PendingRequest[] {
    return [...this.#pending.values()].map(({ request }) => request)
  }

  /** False when there is no such request, or not any more. */
  cancel(id: string, reason: unknown): boolean {
    const pending = this.#pending.get(id)
    pending?.abort(reason)
    return pending !== undefined
  }
}

import type { Connection } from '../connection/connection.ts'
import type { MessageHandlers } from '../handlers/message-handlers.ts'

/**
 * The lists whose changes somebody wants to hear of. A 2025-11-25 server says so unasked; to a 2026-07-28 server a stream
 * is held open, and only where there is a handler.
 */
export class ListTopics {
  readonly #connection: Connection
  readonly #missed: (kind: ListKind) => void
  readonly #leave = new Map<ListKind, () => void>()

  /** `missed` is called when the stream was not there for a while: a list may have changed unheard. */
  constructor(connection: Connection, missed: (kind: ListKind) => void) {
    this.#connection = connection
    this.#missed = missed
  }

  /** The handlers may have changed. */
  follow({ onMessage }: MessageHandlers): void {
    const { server, subscription } = this.#connection
    if (server?.era !== 'modern') return
    for (const kind of kinds) {
      const hook = typeof onMessage === 'object' ? onMessage[hooks[kind]] : onMessage
      const isWanted = hook !== undefined && server.capabilities[kind]?.listChanged === true
      if (isWanted === this.#leave.has(kind)) continue
      this.#leave.get(kind)?.()
      this.#leave.delete(kind)
      if (isWanted)
        this.#leave.set(
          kind,
          subscription.add({ kind }, () => this.#missed(kind)),
        )
    }
  }
}

/** The lists that a server may say have changed. */
export type ListKind = (typeof kinds)[number]

const kinds = ['tools', 'prompts', 'resources'] as const
const hooks = { tools: 'onToolsChanged', prompts: 'onPromptsChanged', resources: 'onResourcesChanged' } as const

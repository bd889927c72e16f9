import type { Transport } from '@modelcontextprotocol/client'

/** Something that can be connected to. */
export interface ResolvedTarget {
  /** Whether `open()` can be called once and no more: the target is a connection itself. */
  readonly isSingleUse?: true
  /** Whether nothing after 2025-11-25 is spoken over its transport, so that nobody needs to ask. */
  readonly isLegacy?: true
  /** For people: in messages. */
  readonly name: string
  /**
   * Tells this server from others, also in another process. Holds no secret.
   *
   * `serverName` is what the server calls itself: all there is to tell one that has no address.
   */
  endpoint(serverName: string): Promise<string>
  /** A fresh transport, not started; one that goes on with a session where one is given. */
  open(session?: HttpSession, era?: 'modern' | 'legacy' | 'auto'): Promise<Transport>
  /** What the server said last on its stderr, for an error message; asked for once the transport was closed. */
  lastWords?(): Promise<string>
  /**
   * The same server by its older transport, where `error`, from connecting to it, is what a server says that knows no newer one;
   * else `undefined`.
   */
  fallback?(error: unknown): ResolvedTarget | undefined
}

/** A session of a 2025-11-25 HTTP server. Its id is a secret: whoever has it is that client. */
export interface HttpSession {
  readonly id: string
  readonly protocolVersion: string
}

/** A transport in memory to a scripted server, and what became of it. */
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/client'

/** Answers a message; `undefined` says nothing. What is thrown becomes a JSON-RPC error. */
export type Reply = (message: WireMessage) => unknown

/** A message as it came. */
export interface WireMessage {
  readonly id?: string | number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** Transports to one server that is made up, counted. */
export class CountedTransports {
  /** The methods that came in, in order, those of all transports together. */
  readonly methods: string[] = []
  opened = 0
  closed = 0
  readonly #reply: Reply
  readonly #close: () => Promise<void>

  /** `close` is done, and waited for, when a transport is closed. */
  constructor(reply: Reply, close: () => Promise<void> = () => Promise.resolve()) {
    this.#reply = reply
    this.#close = close
  }

  /** How many are open now. */
  get open(): number {
    return this.opened - this.closed
  }

  /** Makes a transport that is new. */
  make(): InMemoryTransport {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    this.opened += 1
    theirs.onmessage = (message) => void this.#answer(theirs, message as WireMessage)
    void theirs.start()
    const close = ours.close.bind(ours)
    let isOpen = true
    ours.close = async () => {
      if (isOpen) this.closed += 1
      isOpen = false
      await this.#close()
      await close()
    }
    return ours
  }

  async #answer(theirs: InMemoryTransport, message: WireMessage): Promise<void> {
    if (message.method !== undefined) this.methods.push(message.method)
    const send = (answer: object): Promise<void> =>
      theirs.send({ jsonrpc: '2.0', id: message.id, ...answer } as JSONRPCMessage).catch(() => {})
    try {
      const result = await this.#reply(message)
      if (result !== undefined && message.id !== undefined) await send({ result })
    } catch (error) {
      if (error === hangUp) return theirs.close()
      const { code = -32_603, message: said } = error as { code?: number; message: string }
      await send({ error: { code, message: said } })
    }
  }
}

/** Thrown by a {@link Reply} to end the connection. */
export const hangUp: unique symbol = Symbol('hang up')

/** What a well-behaved server of 2025-11-25 answers, and nothing else. */
export function legacyReply({ method }: WireMessage): unknown {
  if (method === undefined || method.startsWith('notifications/')) return undefined
  if (method === 'initialize') {
    const serverInfo = { name: 'counted', version: '1.0.0' }
    return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo }
  }
  if (method === 'ping') return {}
  throw Object.assign(new Error(`Method not found: ${method}`), { code: -32_601 })
}

/** What a well-behaved server of 2026-07-28 answers, and nothing else. */
export function modernReply({ method }: WireMessage): unknown {
  if (method === undefined || method.startsWith('notifications/')) return undefined
  if (method === 'server/discover') {
    return {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'counted', version: '1.0.0' } },
      ttlMs: 0,
      cacheScope: 'private',
    }
  }
  throw Object.assign(new Error(`Method not found: ${method}`), { code: -32_601 })
}

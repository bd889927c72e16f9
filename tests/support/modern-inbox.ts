import type { WireMessage } from './modern-views.ts'

/** Messages as they come; whoever waits for one gets it, now or later. */
export class Inbox {
  readonly messages: WireMessage[] = []
  readonly comments: string[] = []
  readonly #waiting = new Set<() => void>()
  #over = false

  add(message: WireMessage): void {
    this.messages.push(message)
    this.#wake()
  }

  end(): void {
    this.#over = true
    this.#wake()
  }

  /** The first that fits and is not in `given`, which then holds it. */
  async next(fits: (message: WireMessage) => boolean, given: Set<WireMessage>): Promise<WireMessage> {
    for (;;) {
      const found = this.messages.find((message) => !given.has(message) && fits(message))
      if (found !== undefined) {
        given.add(found)
        return found
      }
      if (this.#over) throw new Error(`Nothing more comes: ${JSON.stringify(this.messages)}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }
}

/** Puts the server-sent events of a stream into an inbox, chunk by chunk. */
export function eventsOf(inbox: Inbox): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder()
  let rest = ''
  return (chunk) => {
    const events = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      if (event.startsWith(':')) inbox.comments.push(event)
      const lines = event.split('\n').filter((line) => line.startsWith('data:'))
      const data = lines.map((line) => line.slice('data:'.length).trim()).join('\n')
      if (data !== '') inbox.add(JSON.parse(data) as WireMessage)
    }
  }
}

/** JSON-RPC messages over HTTP, by Node's own client: it costs a fraction of `fetch`, and there are many. */
import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type { ErrorView, ResultView } from '../support/modern-views.ts'

/** A JSON-RPC message of a server's. */
export interface Message {
  readonly id?: unknown
  readonly method?: string
  readonly params?: { readonly message?: string; readonly _meta?: Readonly<Record<string, unknown>> }
  readonly result?: ResultView
  readonly error?: ErrorView
}

/** How many requests are on their way to one server at once: it accepts new connections one by one. */
const mostSockets = 16

/** Posts messages to one server. */
export class HttpPost {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: mostSockets })
  /** What waits for a person holds no place among the others. */
  readonly #streams = new Agent({ keepAlive: false })

  constructor(url: string) {
    this.#url = url
  }

  /** Sends a message, and reads what answers it to its end. */
  async send(
    message: object,
    headers: OutgoingHttpHeaders,
  ): Promise<{ readonly response: IncomingMessage; readonly messages: readonly Message[] }> {
    const response = await this.#post(message, headers, this.#agent)
    const messages: Message[] = []
    for await (const each of messagesOf(response)) messages.push(each)
    return { response, messages }
  }

  /** Sends a request, and gives what comes on its stream, one message after another. */
  async *stream(message: object, headers: OutgoingHttpHeaders): AsyncIterable<Message> {
    const response = await this.#post(message, headers, this.#streams)
    try {
      yield* messagesOf(response)
    } finally {
      response.destroy()
    }
  }

  #post(message: object, given: OutgoingHttpHeaders, agent: Agent): Promise<IncomingMessage> {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...given,
    }
    return new Promise((resolve, reject) => {
      request(this.#url, { method: 'POST', headers, agent }, resolve).on('error', reject).end(JSON.stringify(message))
    })
  }
}

/** The messages of a response: one, or those of a stream. Throws when it is cut off. */
async function* messagesOf(response: IncomingMessage): AsyncIterable<Message> {
  const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response as AsyncIterable<string>) {
    text += chunk
    if (!isStream) continue
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = event.split('\n').filter((line) => line.startsWith('data:'))
      const json = data.map((line) => line.slice('data:'.length).trim()).join('\n')
      if (json !== '') yield JSON.parse(json) as Message
    }
  }
  if (!isStream && text !== '') yield JSON.parse(text) as Message
}

import { HttpPost, type Message } from './http-post.ts'
import { purposeOf, type Purpose } from './speaker.ts'

const wire = '2025-11-25'

/** A session of 2025-11-25 with one process. */
export class LegacySession {
  readonly #post: HttpPost
  readonly #id: string
  #requests = 0

  private constructor(post: HttpPost, id: string) {
    this.#post = post
    this.#id = id
  }

  static async open(url: string): Promise<LegacySession> {
    const post = new HttpPost(url)
    const params = {
      protocolVersion: wire,
      capabilities: { elicitation: { form: {} } },
      clientInfo: { name: 'recorder', version: '1.0.0' },
    }
    const { response } = await post.send({ jsonrpc: '2.0', id: 'initialize', method: 'initialize', params }, {})
    const session = new LegacySession(post, String(response.headers['mcp-session-id']))
    await post.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, session.#headers)
    return session
  }

  /** Sends a request, and gives what answered it. */
  async request(purpose: Purpose, method: string, params: object): Promise<Message> {
    const { messages } = await this.#post.send(this.#message(method, params), this.#headersFor(purpose))
    const answer = messages.find((each) => each.method === undefined)
    if (answer === undefined) throw new Error(`${method} was not answered`)
    return answer
  }

  /** What comes on the stream of a request, message by message. */
  stream(purpose: Purpose, method: string, params: object): AsyncIterable<Message> {
    return this.#post.stream(this.#message(method, params), this.#headersFor(purpose))
  }

  /** Answers a request of the server's; the HTTP status that it was taken with. */
  async answer(id: unknown, result: object): Promise<number | undefined> {
    const { response } = await this.#post.send({ jsonrpc: '2.0', id, result }, this.#headersFor('answer'))
    return response.statusCode
  }

  get #headers(): Readonly<Record<string, string>> {
    return { 'mcp-session-id': this.#id, 'mcp-protocol-version': wire }
  }

  #headersFor(purpose: Purpose): Readonly<Record<string, string>> {
    return { ...this.#headers, ...purposeOf(purpose, wire) }
  }

  #message(method: string, params: object): object {
    this.#requests += 1
    return { jsonrpc: '2.0', id: `r${this.#requests}`, method, params }
  }
}

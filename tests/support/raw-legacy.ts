/** The same raw client for 2025-11-25: a session that is opened by hand, over whatever wire. */
import type { Reply, RequestOptions, WireMessage } from './modern-views.ts'
import { ModernHttpWire, type Wire } from './modern-wires.ts'

/** A session. */
export class RawLegacy {
  readonly wire: Wire
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly #info: RequestOptions['info']
  #requests = 0

  private constructor(wire: Wire, headers: Readonly<Record<string, string | undefined>>, info: RequestOptions['info']) {
    this.wire = wire
    this.headers = headers
    this.#info = info
  }

  /** Opens a session, with all that a client may be asked. */
  static async open(wire: Wire, info?: RequestOptions['info']): Promise<RawLegacy> {
    const headers: Record<string, string | undefined> = { 'mcp-method': undefined, 'mcp-name': undefined }
    const options = { ...(info !== undefined && { info }) }
    const initialize: WireMessage = {
      jsonrpc: '2.0',
      id: 'initialize',
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
        clientInfo: { name: 'raw', version: '1.0.0' },
      },
    }
    if (wire instanceof ModernHttpWire) {
      const opening = { ...headers, 'mcp-protocol-version': undefined }
      const response = await wire.post(initialize, { ...options, headers: opening })
      await response.text()
      headers['mcp-session-id'] = response.headers.get('mcp-session-id') ?? undefined
      headers['mcp-protocol-version'] = '2025-11-25'
    } else {
      await wire.request(initialize)
    }
    const session = new RawLegacy(wire, headers, info)
    await session.notify('notifications/initialized')
    return session
  }

  request(method: string, params: unknown = {}, { id }: { readonly id?: unknown } = {}): Promise<Reply> {
    this.#requests += 1
    const message = { jsonrpc: '2.0', id: id ?? `r${this.#requests}`, method, params } as WireMessage
    return this.wire.request(message, this.#options)
  }

  /** Calls a tool as a task. */
  async start(name: string, args: object = {}, task: object = {}): Promise<string> {
    const { result, error } = await this.request('tools/call', { name, arguments: args, task })
    const { task: created } = (result ?? {}) as { task?: { taskId: string } }
    if (created === undefined) throw new Error(`${name} became no task: ${JSON.stringify(error)}`)
    return created.taskId
  }

  async notify(method: string, params: object = {}): Promise<void> {
    const message = { jsonrpc: '2.0', method, params }
    if (!(this.wire instanceof ModernHttpWire)) return this.wire.send(message)
    const response = await this.wire.post(message, this.#options)
    await response.text()
  }

  get #options(): RequestOptions {
    return { headers: this.headers, ...(this.#info !== undefined && { info: this.#info }) }
  }
}

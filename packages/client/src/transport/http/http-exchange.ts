import type { Dispatcher } from 'undici'
import { ContentDecoder, contentCodings } from './content-decoder.ts'
import { PooledResponse } from './pooled-response.ts'
import { ResponseBody, type BodySource } from './response-body.ts'

/** A request as it goes out; `headers` are names and values by turns. */
export interface HttpRequest {
  readonly url: URL
  readonly method: string
  readonly headers: readonly string[]
  readonly body: string | Uint8Array | null
  readonly signal: AbortSignal | undefined
  readonly redirected: boolean
  /** `'cors'` once a redirect has led to another origin. */
  readonly type: 'basic' | 'cors'
}

/**
 * Sends a request and gives its response as soon as its headers are there.
 *
 * Rejects as `fetch` does: with the reason of the signal, or with a `TypeError` whose cause says what failed. What happens to the
 * body afterwards is thrown where it is read. `onFreed` is called when all of the response is there.
 */
export function exchange(dispatcher: Dispatcher, request: HttpRequest, onFreed: () => void): Promise<PooledResponse> {
  return new Promise((resolve, reject) => {
    const { signal, url, method, headers, body } = request
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const handler = new HttpExchange(request, { resolve, reject, onFreed })
    try {
      dispatcher.dispatch(
        { origin: url.origin, path: requestTarget(url), method, headers: headers as string[], body },
        handler,
      )
    } catch (error) {
      handler.onResponseError(undefined, error)
    }
  })
}

/** The path and query as they were given: also with a question mark that nothing follows, which `search` does not tell. */
function requestTarget(url: URL): string {
  const { href, hash } = url
  const end = href.length - (hash === '' && !href.endsWith('#') ? 0 : Math.max(hash.length, 1))
  return href.slice(href.indexOf('/', url.protocol.length + 2), end)
}

/** Who is told how it goes. */
interface Told {
  resolve(response: PooledResponse): void
  reject(error: unknown): void
  onFreed(): void
}

class HttpExchange implements Dispatcher.DispatchHandler, BodySource {
  readonly #request: HttpRequest
  readonly #told: Told
  readonly #onAbort = (): void => this.abort(this.#request.signal?.reason)
  #controller: Dispatcher.DispatchController | undefined
  #body: ResponseBody | undefined
  #decoder: ContentDecoder | undefined
  #isOver = false

  constructor(request: HttpRequest, told: Told) {
    this.#request = request
    this.#told = told
    request.signal?.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(dropped())
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    fields: Readonly<Record<string, string | string[] | undefined>>,
    statusText = '',
  ): void {
    // An interim response; the real one follows.
    if (status < 200 || this.#isOver) return
    const { url, method, redirected, type } = this.#request
    const headers = toHeaders(fields)
    const hasBody = method !== 'HEAD' && !bodilessStatuses.has(status)
    const codings = hasBody ? contentCodings(headers.get('content-encoding')) : []
    if (codings.length > 0) {
      const fail = (error: unknown): void => this.#break(error)
      this.#decoder = new ContentDecoder(codings, { wire: this, body: () => body, fail })
    }
    const body = new ResponseBody(this.#decoder ?? this)
    this.#body = body
    const shownUrl = url.hash === '' ? url.href : url.href.slice(0, -url.hash.length)
    this.#told.resolve(
      new PooledResponse({ url: shownUrl, status, statusText, headers, redirected, type }, hasBody ? body : null),
    )
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#decoder !== undefined) this.#decoder.push(chunk)
    else this.#body?.push(chunk)
  }

  onResponseEnd(): void {
    if (this.#decoder !== undefined) this.#decoder.end()
    else this.#body?.end()
    this.#finish()
    this.#told.onFreed()
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    if (this.#isOver) return
    if (this.#body === undefined) this.#told.reject(new TypeError('fetch failed', { cause: error }))
    else this.#fail(new TypeError('terminated', { cause: error }))
    this.#finish()
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  /** Ends it now, in whatever state it is: one that is still connecting is settled at once and dropped once it has a socket. */
  abort(reason: unknown): void {
    if (this.#isOver) return
    if (this.#body === undefined) this.#told.reject(reason)
    else this.#fail(reason)
    this.#finish()
    this.#controller?.abort(dropped())
  }

  /** What came cannot be decoded. All of it may have arrived by then. */
  #break(error: unknown): void {
    this.#fail(new TypeError('terminated', { cause: error }))
    if (this.#isOver) return
    this.#finish()
    this.#controller?.abort(dropped())
  }

  #fail(error: unknown): void {
    this.#decoder?.destroy()
    this.#body?.fail(error)
  }

  #finish(): void {
    this.#isOver = true
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
  }
}

/** undici wants an error to end a request with; nobody is told of it. */
function dropped(): Error {
  return new DOMException('The request was dropped', 'AbortError')
}

function toHeaders(fields: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') headers.append(name, value)
    else for (const one of value ?? []) headers.append(name, one)
  }
  return headers
}

const bodilessStatuses: ReadonlySet<number> = new Set([204, 205, 304])

import {
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type ClientCapabilities,
  type Implementation,
  type StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client'
import { longestTimerMs, type Clock } from '@longcall/core'
import { saidBy } from '../errors/clip.ts'
import { ConnectError, InvalidTargetError } from '../errors/usage-errors.ts'
import type { HttpSession, ResolvedTarget } from '../target/resolved-target.ts'
import type { LineWish } from './connection-port.ts'
import { endSession } from './end-session.ts'
import type { EraCache, EraVerdict } from './era-cache.ts'
import { readFacts, type Line, type ServerFacts } from './line.ts'
import { closingMs, noLongerThan } from './no-longer-than.ts'
import { SdkClient, withTasks } from './sdk-client.ts'
import { unlessAborted } from './unless-aborted.ts'

/**
 * Opens lines to a target: finds out which era its server speaks, or remembers it, and which of its faces answers.
 *
 * A server may have been remembered wrongly, may die of the question which era it speaks, or may predate Streamable HTTP:
 * each is tried once in the other way. What fails leaves nothing behind.
 */
export class LineOpener {
  readonly #options: LineOptions
  /** The face of the server that answered: a server that predates Streamable HTTP has another. */
  #target: ResolvedTarget

  constructor(options: LineOptions) {
    this.#options = options
    this.#target = options.target
  }

  /**
   * Opens a line, within `connectTimeoutMs` all told.
   *
   * @throws {ConnectError} Thrown when it could not be opened in time, or at all.
   */
  async open(wish: LineWish): Promise<Line> {
    const limit = new AbortController()
    const { connectTimeoutMs } = this.#options
    const late = (): void => limit.abort(new Error(`it did not answer within ${connectTimeoutMs} ms`))
    const timer =
      connectTimeoutMs === Infinity ? undefined : setTimeout(late, Math.min(connectTimeoutMs, longestTimerMs))
    try {
      return await this.#open({ ...wish, signal: AbortSignal.any([wish.signal, limit.signal]) })
    } finally {
      clearTimeout(timer)
    }
  }

  async #open(wish: LineWish): Promise<Line> {
    const key = await this.#cacheKey()
    const remembered = wish.era === undefined ? await this.#remembered(key, wish.signal) : undefined
    const era = this.#eraToTry(wish, remembered)
    try {
      const line = await this.#try(this.#target, era, wish)
      if (remembered === undefined) await this.#remember(key, line.server.era, wish.signal)
      return line
    } catch (error) {
      if (wish.signal.aborted || error instanceof InvalidTargetError) throw error
      const next = this.#otherWay(error, era, remembered)
      if (next === undefined) throw error
      if (remembered !== undefined) await this.#remember(key, undefined, wish.signal)
      let line: Line
      try {
        line = await this.#try(next.target, next.era, wish)
      } catch (second) {
        // Of a server that could not be reached either way, the first way is the one that was meant.
        throw next.target === this.#target ? second : error
      }
      this.#target = next.target
      await this.#remember(key, line.server.era, wish.signal)
      return line
    }
  }

  #eraToTry(wish: LineWish, remembered: EraVerdict | undefined): EraToTry {
    const { era } = this.#options
    if (wish.session !== undefined) return 'legacy'
    if (era !== 'auto') return era === 'legacy' ? era : 'modern'
    if (this.#target.isLegacy === true) return 'legacy'
    if (wish.era !== undefined) return wish.era
    if (remembered === undefined) return 'auto'
    return remembered.era === 'legacy' ? 'legacy' : 'modern'
  }

  #otherWay(error: unknown, era: EraToTry, remembered: EraVerdict | undefined): Attempt | undefined {
    const cause = error instanceof Error ? error.cause : undefined
    const face = this.#target.fallback?.(cause)
    if (face !== undefined) return { target: face, era: 'legacy' }
    // What was remembered is out of date, or the server is away: asking it anew tells.
    if (remembered !== undefined) return { target: this.#target, era: 'auto' }
    const diedOfIt = cause instanceof SdkError && cause.code === SdkErrorCode.EraNegotiationFailed
    const isOld = era === 'auto' && diedOfIt && /connection closed/i.test(cause.message)
    return isOld ? { target: this.#target, era: 'legacy' } : undefined
  }

  /** One attempt, of which nothing is left where it fails. */
  async #try(target: ResolvedTarget, era: EraToTry, wish: LineWish): Promise<Line> {
    let transport: Transport | undefined
    try {
      transport = await this.#transport(target, era, wish)
      const declared = this.#options.capabilities()
      const sdk = this.#sdk(era, wish, declared)
      const timeout = Math.min(this.#options.connectTimeoutMs, longestTimerMs)
      await unlessAborted(sdk.connect(transport, { timeout }), wish.signal)
      if (wish.session !== undefined) listen(transport)
      return { sdk, transport, declared, server: wish.session ? goingOn(wish.session) : readFacts(sdk) }
    } catch (error) {
      if (transport !== undefined) {
        // One that was called off may have begun a session by then.
        if (wish.session === undefined) await endSession({ transport })
        await noLongerThan(closingMs, transport.close())
      }
      if (error instanceof InvalidTargetError) throw error
      const last = (await target.lastWords?.()) ?? ''
      const words = last === '' ? '' : ` Its stderr ended with: ${last}`
      throw new ConnectError(`Could not connect to ${target.name}: ${whyOf(error)}.${words}`, { cause: error })
    }
  }

  /** A transport that is made too late, or by nobody, is not waited for. */
  async #transport(target: ResolvedTarget, era: EraToTry, wish: LineWish): Promise<Transport> {
    const made = target.open(wish.session, era)
    try {
      return await unlessAborted(made, wish.signal)
    } catch (error) {
      made.then((late) => late.close()).catch(() => {})
      throw error
    }
  }

  #sdk(era: EraToTry, { hooks }: LineWish, declared: ClientCapabilities): SdkClient {
    const { clientInfo, connectTimeoutMs } = this.#options
    const mode = era === 'modern' ? { pin: '2026-07-28' } : era
    return new SdkClient(
      clientInfo,
      {
        capabilities: withTasks(declared),
        // Some old servers do not answer what they do not know; half the time is left to connect to one of them.
        versionNegotiation: { mode, probe: { timeoutMs: Math.min(connectTimeoutMs / 2, longestProbeMs) } },
        // A result that fails its schema still arrives: it is the tool's, and it was paid for.
        jsonSchemaValidator: {
          getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
        },
      },
      hooks,
    )
  }

  /** A server that is known by its name alone cannot be told from others before it is connected to. */
  async #cacheKey(): Promise<string | undefined> {
    const { target, era } = this.#options
    if (era !== 'auto') return undefined
    const [one, other] = await Promise.all([target.endpoint('1'), target.endpoint('2')])
    return one === other ? one : undefined
  }

  async #remembered(key: string | undefined, signal: AbortSignal): Promise<EraVerdict | undefined> {
    if (key === undefined) return undefined
    const verdict = await this.#asked(async () => this.#options.eras.get(key), signal)
    return verdict !== undefined && this.#options.clock.now() < verdict.at + verdictMs ? verdict : undefined
  }

  async #remember(key: string | undefined, era: ServerFacts['era'] | undefined, signal: AbortSignal): Promise<void> {
    if (key === undefined) return
    const verdict: EraVerdict | undefined = era && {
      era: era === 'modern' ? '2026-07-28' : 'legacy',
      at: this.#options.clock.now(),
    }
    await this.#asked(async () => this.#options.eras.set(key, verdict), signal)
  }

  /** What a cache of the user's answers, unless it throws, fails or hangs. */
  async #asked<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(new Error('the cache does not answer')), cacheMs)
    try {
      return await unlessAborted(ask(), AbortSignal.any([signal, patience.signal]))
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }
}

/** How a {@link LineOpener} opens lines. */
export interface LineOptions {
  readonly target: ResolvedTarget
  readonly clientInfo: Implementation
  readonly era: Era
  /** Those of the moment. */
  readonly capabilities: () => ClientCapabilities
  /** For connecting, all told; `Infinity` for no limit. */
  readonly connectTimeoutMs: number
  readonly eras: EraCache
  readonly clock: Clock
}

/** Which protocol era to speak: found out, or one and no other. `legacy` is everything before 2026-07-28. */
export type Era = 'auto' | '2026-07-28' | 'legacy'

type EraToTry = 'auto' | 'legacy' | 'modern'

interface Attempt {
  readonly target: ResolvedTarget
  readonly era: EraToTry
}

/** Servers bring questions on this stream; one that has none, or has it open elsewhere, says so, and polling does. */
function listen(transport: Transport): void {
  if ('resumeStream' in transport) (transport as StreamableHTTPClientTransport).resumeStream('').catch(() => {})
}

/** The SDK's error of an HTTP status says what the server's page says, which often is next to nothing. */
function whyOf(error: unknown): string {
  const status = error instanceof SdkHttpError ? (error.data as { status?: unknown }).status : undefined
  return typeof status === 'number' ? `the server answered with HTTP status ${status}: ${saidBy(error)}` : saidBy(error)
}

/** A session that is gone on with makes no new introductions. */
function goingOn({ protocolVersion }: HttpSession): ServerFacts {
  return {
    era: 'legacy',
    protocolVersion,
    capabilities: {},
    info: undefined,
    instructions: undefined,
  }
}

/** Servers are replaced by newer ones, if seldom: after a day it is found out anew. */
const verdictMs = 86_400_000
const longestProbeMs = 15_000
/** How long a cache may take: it is there to save time. */
const cacheMs = 1000

import type { ClientCapabilities } from '@modelcontextprotocol/client'
import { questionMethods } from '@longcall/core'
import { assertHandlers } from '../handlers/assert-handlers.ts'
import { handlerCapabilities, handlerOptions, questionCapabilities, type Handlers } from '../handlers/handlers.ts'
import { hostCapability } from '../receiver/hosting.ts'
import type { MessageHandlers } from '../handlers/message-handlers.ts'
import type { ResolvedOptions } from './options.ts'

/** The handlers of a client, which can be replaced at any time, and the capabilities that they amount to. */
export class HandlerSet {
  readonly #options: Pick<ResolvedOptions, 'capabilities' | 'samplingCapabilities' | 'hostTasks'>
  #current: Handlers & MessageHandlers

  constructor(options: Pick<ResolvedOptions, 'capabilities' | 'samplingCapabilities' | 'hostTasks' | 'handlers'>) {
    this.#options = options
    this.#current = options.handlers
  }

  get current(): Handlers & MessageHandlers {
    return this.#current
  }

  /** Replaces those that are named; `undefined` takes one away. */
  set(handlers: Handlers & MessageHandlers): void {
    const next = { ...this.#current, ...handlers }
    assertHandlers(next)
    this.#current = next
  }

  /** What is declared to the server: what the handlers imply, and what was asked for, which wins. */
  get capabilities(): ClientCapabilities {
    const { capabilities, samplingCapabilities, hostTasks } = this.#options
    const all = mergeCapabilities(handlerCapabilities(this.#current, hostCapability(hostTasks)), capabilities)
    if (samplingCapabilities === undefined || all.sampling === undefined) return all
    return { ...all, sampling: samplingCapabilities }
  }

  /** The options whose handlers a server does not know of that was told of `declared`. */
  undeclared(declared: ClientCapabilities): readonly string[] {
    const methods = questionMethods.filter((method) => {
      const isSet = this.#current[handlerOptions[method]] !== undefined
      return isSet && declared[questionCapabilities[method]] === undefined
    })
    return methods.map((method) => handlerOptions[method])
  }
}

/** The members of a capability are put together: who wants defaults in forms still takes URLs where the handler does. */
function mergeCapabilities(implied: ClientCapabilities, wanted: ClientCapabilities): ClientCapabilities {
  const { elicitation, sampling, roots } = implied
  return {
    ...wanted,
    ...(elicitation !== undefined && { elicitation: { ...elicitation, ...wanted.elicitation } }),
    ...(sampling !== undefined && { sampling: { ...sampling, ...wanted.sampling } }),
    ...(roots !== undefined && { roots: { ...roots, ...wanted.roots } }),
  }
}

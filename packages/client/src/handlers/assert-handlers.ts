import { InvalidOptionError } from '../errors/usage-errors.ts'
import { toRoots, type Handlers } from './handlers.ts'
import type { MessageHandlers } from './message-handlers.ts'

/** @throws {InvalidOptionError} Thrown when one of them can be nothing that answers, or hears. */
export function assertHandlers(handlers: Handlers & MessageHandlers): void {
  const { roots, logger, onMessage } = handlers
  if (Array.isArray(roots)) toRoots(roots)
  else aFunction('roots', roots, 'a list of file:// URIs, or a function that gives one')
  for (const option of ['onElicitation', 'onSampling', 'onLog', 'onProgress'] as const)
    aFunction(option, handlers[option])
  if (typeof onMessage !== 'object' || onMessage === null)
    aFunction('onMessage', onMessage, 'a function, or an object of functions')
  if (logger === undefined) return
  for (const method of ['debug', 'info', 'warn', 'error'] as const) {
    if (typeof logger?.[method] !== 'function')
      throw new InvalidOptionError('logger', logger, `an object with debug, info, warn and error; it lacks ${method}`)
  }
}

function aFunction(option: string, value: unknown, expected: string = 'a function'): void {
  if (value !== undefined && typeof value !== 'function') throw new InvalidOptionError(option, value, expected)
}

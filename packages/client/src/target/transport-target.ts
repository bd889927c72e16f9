import type { Transport } from '@modelcontextprotocol/client'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { ResolvedTarget } from './resolved-target.ts'

/** A transport that was made already. It serves one connection, as transports do, so it cannot be opened again. */
export function transportTarget(transport: Transport): ResolvedTarget {
  return {
    name: 'the given transport',
    isSingleUse: true,
    endpoint: (serverName) => Promise.resolve(`transport:${serverName}`),
    open: (session) => {
      if (session !== undefined) {
        throw new InvalidTargetError(
          'A reference of another session needs a connection of its own; connect by URL instead of by a transport.',
        )
      }
      if (used in transport) {
        throw new InvalidTargetError(
          'The given transport was used already, and a transport serves one connection; pass a function that makes one: () => new …Transport(…).',
        )
      }
      Reflect.defineProperty(transport, used, { value: true })
      return Promise.resolve(transport)
    },
  }
}

/** Marks a transport that has been given to a client: another client must not take it, and would end it for the first. */
const used: unique symbol = Symbol('longcall.used')

/** Whether something is a transport of the SDK, whichever class it is of. */
export function isTransport(value: unknown): value is Transport {
  return hasMethod(value, 'start') && hasMethod(value, 'send')
}

/** Whether an object has a method of that name, of its own or of its class. */
export function hasMethod(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'
}

import type { Transport } from '@modelcontextprotocol/client'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { ResolvedTarget } from './resolved-target.ts'
import { serverTarget, type ServerFactory, type ServerObject } from './server-target.ts'
import { hasMethod, isTransport, transportTarget } from './transport-target.ts'

/** Makes the transport of a connection, a new one each time. */
export type TransportFactory = () => Transport | Promise<Transport>

/**
 * What a function makes: a transport or a server object. It is called for each connection, and what it gives is told apart then: what has
 * `start` and `send` is a transport, what has `connect` is a server object.
 *
 * Opening it throws what the function throws, and {@link InvalidTargetError} when it gives neither, or a transport that it gave before.
 */
export function factoryTarget(factory: ServerFactory | TransportFactory): ResolvedTarget {
  const given = new WeakSet<Transport>()
  let made: 'transport' | 'memory' = 'memory'
  return {
    name: 'what the given function makes',
    endpoint: (serverName) => Promise.resolve(`${made}:${serverName}`),
    open: async (session, era = 'auto') => {
      if (session !== undefined)
        throw new InvalidTargetError('What a function makes has no sessions to go on with; connect by URL instead.')
      const first = await factory({ era: era === 'legacy' ? 'legacy' : 'modern' })
      if (!isTransport(first)) {
        const target = serverTarget(servers(first, factory))
        made = 'memory'
        return target.open(undefined, era)
      }
      if (given.has(first)) {
        throw new InvalidTargetError(
          'The given function made the same transport twice, and a transport serves one connection; make a new one each time.',
        )
      }
      given.add(first)
      made = 'transport'
      return transportTarget(first).open()
    },
  }
}

/** Gives what was made first, and after that what is made anew: a connection may take a second object for another era. */
function servers(first: unknown, factory: ServerFactory | TransportFactory): ServerFactory {
  let ready: ServerObject | undefined = asServer(first)
  return async (context) => {
    const server = ready ?? asServer(await factory(context))
    ready = undefined
    return server
  }
}

function asServer(made: unknown): ServerObject {
  if (hasMethod(made, 'connect')) return made as ServerObject
  const isNothing = made === undefined || made === null
  const what = isNothing ? String(made) : `a value of the type ${typeof made}`
  throw new InvalidTargetError(
    `The given function made ${what}, which is neither a Transport (it has start and send) nor a server object (it has connect).`,
  )
}

import { createRequire } from 'node:module'
import type { Agent, buildConnector, Pool } from 'undici'

/** The parts of undici that a pool of sockets is made of. */
export interface UndiciParts {
  readonly Agent: typeof Agent
  readonly Pool: typeof Pool
  readonly buildConnector: typeof buildConnector
}

/**
 * Loads no more of undici than sockets need, which is a third of it: its entry brings a fetch of its own along, and makes
 * itself the dispatcher of the program's global fetch where that was not used yet. Another undici that keeps its parts
 * elsewhere is loaded whole.
 */
export function undiciParts(): UndiciParts {
  const require = createRequire(import.meta.url)
  try {
    return {
      Agent: require('undici/lib/dispatcher/agent.js') as typeof Agent,
      Pool: require('undici/lib/dispatcher/pool.js') as typeof Pool,
      buildConnector: require('undici/lib/core/connect.js') as typeof buildConnector,
    }
  } catch {
    return wholeUndici()
  }
}

/** All of undici, with what speaks to proxies. */
export function wholeUndici(): typeof import('undici') {
  // The platform's own dispatcher is set once its fetch is loaded: then undici leaves it alone.
  void new Headers()
  return createRequire(import.meta.url)('undici') as typeof import('undici')
}

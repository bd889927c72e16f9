import type { Connection } from '../connection/connection.ts'
import type { HttpSession } from '../target/resolved-target.ts'

/** Connections that go on with other sessions of the server, for tasks that were begun in those. */
export class OtherSessions {
  readonly #make: () => Connection
  readonly #open = new Map<string, Promise<Connection>>()

  /** `make` makes a connection that is not open yet. */
  constructor(make: () => Connection) {
    this.#make = make
  }

  /** A connection that goes on with a session, opened once for all who want it. */
  async connection(session: HttpSession): Promise<Connection> {
    let opening = this.#open.get(session.id)
    if (opening === undefined || (await opening).closed.aborted) {
      opening = this.#begin(session)
      this.#open.set(session.id, opening)
      opening.catch(() => this.#open.delete(session.id))
    }
    return opening
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map(close))
  }

  async #begin(session: HttpSession): Promise<Connection> {
    const connection = this.#make()
    await connection.open({ session })
    return connection
  }
}

/** Whoever began a session may still want it; one that took the place of one that was lost was begun here. */
async function close([id, opening]: [string, Promise<Connection>]): Promise<void> {
  const connection = await opening.catch(() => {})
  await connection?.close({ endSession: connection.session?.id !== id })
}

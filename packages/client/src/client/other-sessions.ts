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
    const opened = await Promise.allSettled(this.#open.values())
    // Their sessions are not ended: whoever began them may still want them.
    const close = async (each: (typeof opened)[number]): Promise<void> => {
      if (each.status === 'fulfilled') await each.value.close({ endSession: false })
    }
    await Promise.all(opened.map(close))
  }

  async #begin(session: HttpSession): Promise<Connection> {
    const connection = this.#make()
    await connection.open({ session })
    return connection
  }
}

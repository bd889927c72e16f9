// @ts-check

/**
 * What was sent on the streams of a session, for clients that come back and ask for the rest.
 *
 * @implements {EventStore}
 *
 * @typedef {import('@modelcontextprotocol/server').EventStore} EventStore
 * @typedef {import('@modelcontextprotocol/server').JSONRPCMessage} JSONRPCMessage
 */
export class EventLog {
  /** @type {{ streamId: string, message: JSONRPCMessage }[]} */
  #events = []

  /**
   * @param {string} streamId
   * @param {JSONRPCMessage} message
   */
  async storeEvent(streamId, message) {
    return String(this.#events.push({ streamId, message }) - 1)
  }

  /** @param {string} eventId */
  async getStreamIdForEventId(eventId) {
    return this.#events[Number(eventId)]?.streamId
  }

  /**
   * @param {string} lastEventId
   * @param {{ send: (eventId: string, message: JSONRPCMessage) => Promise<void> }} stream
   */
  async replayEventsAfter(lastEventId, { send }) {
    const streamId = this.#events[Number(lastEventId)]?.streamId
    if (streamId === undefined) throw new Error(`No event ${lastEventId}`)
    for (const [id, event] of this.#events.entries()) {
      // An event without content only opens a stream.
      if (id > Number(lastEventId) && event.streamId === streamId && 'jsonrpc' in event.message)
        await send(String(id), event.message)
    }
    return streamId
  }
}

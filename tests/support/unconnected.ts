import { onTestFinished } from 'vitest'
import { Client, type ClientOptions, type Target } from '@longcall/client'

/** A client that has not connected yet; it is closed with the test, whoever holds it. */
export function unconnected(target: Target, options: ClientOptions = {}): Client {
  const client = new Client(target, options)
  onTestFinished(() => client.close({ force: true }))
  return client
}

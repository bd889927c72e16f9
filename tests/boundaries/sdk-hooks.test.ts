import { expect, test } from 'vitest'
import { read, readAll } from './sources.ts'

/** What the SDK keeps for subclasses of its protocol: a new release may move any of it. */
const hooks = /_onresponse|_onnotification|_onclose|_wrapHandler|_outboundMetaEnvelope|_getRequestHandler/g
const only = 'packages/client/src/connection/sdk-client.ts'

test('one file touches the hooks of the SDK', () => {
  const sources = ['packages/core/src', 'packages/client/src'].flatMap(readAll)
  const found = sources
    .filter(({ path }) => path !== only)
    .flatMap(({ path, text }) => Array.from(text.matchAll(hooks), ([hook]) => `${path}: ${hook}`))
  expect(found).toEqual([])
  expect(read(only).text).toMatch(hooks)
})

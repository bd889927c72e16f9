import { expect, test } from 'vitest'
import { read, readAll } from './sources.ts'

/** What the SDK keeps for subclasses of its protocol: a new release may move any of it. */
const hooks = /_onresponse|_onnotification|_onclose|_wrapHandler|_outboundMetaEnvelope|_getRequestHandler/g
const only = ['packages/client/src/connection/sdk-client.ts', 'packages/server/src/sdk/sdk-server.ts']

test('one file of each side touches the hooks of the SDK', () => {
  const sources = ['packages/core/src', 'packages/client/src', 'packages/server/src'].flatMap(readAll)
  const found = sources
    .filter(({ path }) => !only.includes(path))
    .flatMap(({ path, text }) => Array.from(text.matchAll(hooks), ([hook]) => `${path}: ${hook}`))
  expect(found).toEqual([])
  for (const path of only) expect(read(path).text).toMatch(hooks)
})

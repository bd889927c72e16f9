import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { undiciParts } from './undici-parts.ts'

const require = createRequire(import.meta.url)

test('the parts of undici are its own', () => {
  const { Agent, Pool, buildConnector } = require('undici') as typeof import('undici')
  expect(undiciParts()).toEqual({ Agent, Pool, buildConnector })
})

test.each([undefined, 'env'])('sockets leave the global fetch of the program alone, proxy %s', async (proxy) => {
  const dist = pathToFileURL(`${import.meta.dirname}/../../../dist/transport/http/pooled-fetch.js`).href
  const program = `
    import { createRequire } from 'node:module'
    import { pooledFetch } from ${JSON.stringify(dist)}
    const { close } = pooledFetch(${JSON.stringify(proxy === undefined ? {} : { proxy })})
    const set = globalThis[Symbol.for('undici.globalDispatcher.1')]
    const { Agent } = createRequire(${JSON.stringify(dist)})('undici')
    console.log(set instanceof Agent)
    await close()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stdout.trim()).toBe('false')
})

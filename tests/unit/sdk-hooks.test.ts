import { expect, test } from 'vitest'
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { StdioTransport } from '../../packages/client/src/transport/stdio/stdio-transport.ts'
import { read } from '../boundaries/sources.ts'

const source = read('packages/client/src/connection/sdk-client.ts').text
const hooks = [...new Set(Array.from(source.matchAll(/\b(?:this|super)\.(_\w+)\(/g), ([, hook]) => hook!))]

test('the hooks that are called are known', () => {
  expect(hooks.toSorted()).toEqual([
    '_getRequestHandler',
    '_onclose',
    '_onnotification',
    '_onresponse',
    '_outboundMetaEnvelope',
    '_wrapHandler',
  ])
})

test.each(hooks)('%s is a method on the prototypes of the installed client', (hook) => {
  let owner: object | null = Client.prototype
  while (owner !== null && !Object.hasOwn(owner, hook)) owner = Object.getPrototypeOf(owner) as object | null
  expect(owner).not.toBeNull()
  expect(owner).not.toBe(Object.prototype)
  expect(typeof Reflect.get(Client.prototype, hook)).toBe('function')
})

test('only HTTP says that each request has a stream of its own', () => {
  const [memory] = InMemoryTransport.createLinkedPair()
  expect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp')).hasPerRequestStream).toBe(true)
  expect(Reflect.get(memory, 'hasPerRequestStream')).not.toBe(true)
  expect(Reflect.get(new StdioClientTransport({ command: 'x' }), 'hasPerRequestStream')).not.toBe(true)
})

test('the transport over stdio is asked its era in place: it shows what the SDK tells a pipe by, and not its class', () => {
  const transport = new StdioTransport({ command: 'x', args: [], env: {} })
  expect('pid' in transport && 'stderr' in transport).toBe(true)
  expect(Object.hasOwn(StdioClientTransport.prototype, '_dispose')).toBe(true)
  expect('_dispose' in transport).toBe(false)
})

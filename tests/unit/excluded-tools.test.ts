import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Tool } from '@modelcontextprotocol/client'
import { serveDualHttp } from '../peers/dual-server.mjs'
import { Client } from '@longcall/client'

const withHeader = (name: string, property: string, header: string): Tool => ({
  name,
  inputSchema: { type: 'object', properties: { [property]: { type: 'string', 'x-mcp-header': header } } },
})

test('a tool with an invalid header is left out, and what is said of it holds nothing that a terminal obeys', async () => {
  const { url, close } = await serveDualHttp(0)
  const client = await Client.connect(url, { era: '2026-07-28' })
  onTestFinished(async () => {
    await client.close()
    await close()
  })
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => said.mockRestore())
  const sdk = client.sdk as unknown as { withoutInvalidHeaders(tools: readonly Tool[]): readonly Tool[] }
  const wild = fc.string({
    unit: fc.constantFrom('a', ' ', '\\', '"', 'u001b', '\n', '\u001b', '\u009b', '\u2028', 'é'),
  })
  fc.assert(
    fc.property(wild, wild, wild, (name, property, header) => {
      const [good, bad] = [withHeader('good', 'region', 'Region'), withHeader(name, property, ` ${header}`)]
      const kept = sdk.withoutInvalidHeaders([bad, good])
      expect(kept).toHaveLength(1)
      expect(kept[0]).toBe(good)
    }),
  )
  const text = said.mock.calls.flat().join('')
  expect(text).toContain('excluding tool')
  expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
})

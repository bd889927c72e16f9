// @ts-check
/** The resources, templates and prompts of the full peer. */
import { completable, ProtocolError, ResourceTemplate } from '@modelcontextprotocol/server'
import { z } from 'zod'

const PIXEL = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]).toString('base64')
const CITIES = { fr: ['Paris', 'Pau', 'Lyon'], it: ['Pisa', 'Rome'] }

/**
 * @param {string} value
 * @param {string | undefined} country
 */
const citiesOf = (value, country) =>
  Object.entries(CITIES)
    .filter(([code]) => country === undefined || code === country)
    .flatMap(([, cities]) => cities)
    .filter((city) => city.startsWith(value))

/** @param {string} said */
const says = (said) => ({
  messages: [{ role: /** @type {const} */ ('user'), content: { type: /** @type {const} */ ('text'), text: said } }],
})

/** @param {import('@modelcontextprotocol/server').McpServer} server */
export function registerContent(server) {
  server.registerResource(
    'plain',
    'note://plain',
    {
      title: 'A plain note',
      description: 'Said in words',
      mimeType: 'text/plain',
      size: 5,
      annotations: { audience: ['user'], priority: 0.5 },
      icons: [{ src: 'https://example.test/note.png', mimeType: 'image/png', sizes: ['48x48'] }],
      _meta: { fastmcp: { tags: ['note', 'plain'] } },
    },
    ({ href }) => ({ contents: [{ uri: href, mimeType: 'text/plain', text: 'hello', _meta: { 'x/etag': 'abc' } }] }),
  )
  server.registerResource('pixel', 'note://pixel', { mimeType: 'image/png' }, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'image/png', blob: PIXEL }],
  }))
  server.registerResource('broken', 'note://broken', {}, () => {
    throw new ProtocolError(-32_050, 'the disk is full', { free: 0 })
  })
  server.registerResource(
    'weather',
    new ResourceTemplate('weather://{country}/{city}', {
      list: undefined,
      complete: { city: (value, context) => citiesOf(value, context?.arguments?.['country']) },
    }),
    { title: 'Weather', description: 'Of a city', mimeType: 'application/json', _meta: { fastmcp: { tags: ['sky'] } } },
    ({ href }, variables) => ({
      contents: [{ uri: href, mimeType: 'application/json', text: JSON.stringify(variables) }],
    }),
  )
  // Whatever the SDK makes of what it was asked for; what came is in the log.
  server.registerResource('raw', new ResourceTemplate('raw://{+rest}', { list: undefined }), {}, ({ href }) => ({
    contents: [{ uri: href, text: 'raw' }],
  }))

  const any = z.string().optional()
  server.registerPrompt(
    'repeat',
    {
      title: 'Repeat',
      description: 'What it was given',
      argsSchema: z.object({ a: any, b: any, c: any, d: any, e: any }),
    },
    (args) => says(JSON.stringify(args)),
  )
  server.registerPrompt('bare', { description: 'Takes nothing' }, () => says('bare'))
  server.registerPrompt('count', { argsSchema: z.object({ to: z.string() }) }, ({ to }) => {
    if (!Number.isInteger(JSON.parse(to))) {
      throw new ProtocolError(-32_602, `to is ${to}; it must be a whole number`, { argument: 'to' })
    }
    return says('counted')
  })
  server.registerPrompt(
    'visit',
    {
      argsSchema: z.object({
        country: z.string(),
        city: completable(z.string(), (value, context) => citiesOf(value, context?.arguments?.['country'])),
      }),
    },
    ({ city }) => says(`a trip to ${city}`),
  )
}

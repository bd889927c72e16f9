// @ts-check
/** Tools whose input schemas have to survive their listing as they were written. */
import { fromJsonSchema } from '@modelcontextprotocol/server'
import { says } from './samples.mjs'

const STRING = { type: 'string' }

/** One of every keyword that a server is known to lose. */
const CONTACT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { $anchor: 'addressDef', type: 'object', properties: { street: STRING, city: STRING } },
  },
  properties: {
    name: STRING,
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: STRING,
    email: STRING,
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

const REGION = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  required: ['region'],
}

/** @param {import('@modelcontextprotocol/server').McpServer} server */
export function registerSchemaTools(server) {
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Takes a contact', inputSchema: fromJsonSchema(CONTACT) },
    () => says('Contact taken'),
  )
  server.registerTool(
    'test_header_parameter',
    { description: 'Takes an argument that is a header too', inputSchema: fromJsonSchema(REGION) },
    () => says('Region taken'),
  )
}

// @ts-check
/**
 * The client under test: what a program does with `@longcall/client`, once for each scenario. The suite starts it with the
 * URL of its server, and says by the environment what is to be done.
 */
import { Client } from '@longcall/client'
import { writeSync } from 'node:fs'
import { endedWell } from '../suite.mjs'

/**
 * @typedef {import('@longcall/client').ClientOptions} ClientOptions
 *
 * @typedef {(connect: (options?: ClientOptions) => Promise<Client>) => Promise<void>} Scenario
 */

/** Less than the suite waits: what ends late says why. */
const OVER_AFTER_MS = 25_000

const [url = ''] = process.argv.slice(2)
const { MCP_CONFORMANCE_SCENARIO: name = '', MCP_CONFORMANCE_PROTOCOL_VERSION: version = '' } = process.env
/** @type {{ toolCalls?: { name: string, arguments: Record<string, unknown> }[] }} */
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}')

/** @type {Readonly<Record<string, Scenario>>} */
const scenarios = {
  initialize: listing,
  'json-schema-ref-no-deref': listing,

  tools_call: async (connect) => {
    const client = await connect()
    await client.listTools()
    await client.callTool('add_numbers', { a: 5, b: 3 })
  },

  'elicitation-sep1034-client-defaults': async (connect) => {
    const client = await connect({
      capabilities: { elicitation: { form: { applyDefaults: true } } },
      onElicitation: () => ({}),
    })
    await client.callTool('test_client_elicitation_defaults')
  },

  'sse-retry': async (connect) => {
    const client = await connect()
    await client.callTool('test_reconnection')
  },

  'request-metadata': async (connect) => {
    const client = await connect({ onElicitation: () => ({}), onSampling: () => 'a message', roots: ['file:///work'] })
    await client.listTools()
  },

  'sep-2322-client-request-state': async (connect) => {
    const client = await connect({ onElicitation: () => ({ confirmed: true }) })
    for (const { name: tool } of await client.listTools()) await client.callTool(tool)
  },

  'http-standard-headers': async (connect) => {
    const client = await connect()
    for (const { name: tool } of await client.listTools()) await client.callTool(tool)
    for (const { uri } of await client.listResources()) await client.readResource(uri)
    for (const { name: prompt } of await client.listPrompts()) await client.getPrompt(prompt)
  },

  'http-custom-headers': async (connect) => {
    const client = await connect()
    await client.listTools()
    for (const { name: tool, arguments: args } of context.toolCalls ?? []) await client.callTool(tool, args)
  },

  'http-invalid-tool-headers': async (connect) => {
    const client = await connect()
    for (const { name: tool } of await client.listTools()) await client.callTool(tool, { region: 'us-west1' })
  },

  'json-schema-2020-12-preservation': async (connect) => {
    const client = await connect()
    const tool = (await client.listTools()).find((listed) => listed.name === 'json_schema_2020_12_tool')
    if (tool === undefined) throw new Error('The server lists no json_schema_2020_12_tool')
    await client.callTool('json_schema_echo', { schema: tool.inputSchema })
  },
}

/** @type {Scenario} */
async function listing(connect) {
  const client = await connect()
  await client.listTools()
}

/** @param {Scenario} scenario */
async function play(scenario) {
  /** @type {Client | undefined} */
  let client
  try {
    await scenario(async (options) => {
      client = await Client.connect(url, options)
      // Nobody told the client which version it is.
      if (client.protocolVersion !== version) throw new Error(`Speaks ${client.protocolVersion}, not ${version}`)
      return client
    })
  } finally {
    await client?.close()
  }
}

// A client that keeps its process alive after all is closed is late, too.
const late = () => {
  console.error(`${name} was not over after ${OVER_AFTER_MS} ms`)
  process.exit(1)
}
setTimeout(late, OVER_AFTER_MS).unref()

process.once('exit', (code) => {
  if (code === 0) writeSync(process.stdout.fd, `${endedWell}\n`)
})

const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined
if (scenario === undefined) throw new Error(`There is nothing here for the scenario ${name}`)
await play(scenario)

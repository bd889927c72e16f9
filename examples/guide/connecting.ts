/** How to connect, share a connection, and leave it; docs/connecting.md explains it. */
import { Client, ConnectError } from '@longcall/client'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { startReportServer } from '../report-server.ts'
import { file, server, script } from './the-server.ts'

// A command: the server is a child process, which ends when the block is left, with all that it started.
{
  await using client = await Client.connect(server)
  console.log(`a command: ${client.serverInfo?.name} speaks ${client.protocolVersion}`)
}

// The same as a command line, as it stands in many READMEs.
{
  await using client = await Client.connect(`"${process.execPath}" "${script}" --file "${file}"`)
  console.log(`a command line: ${client.serverInfo?.name}`)
}

// A URL; with headers, a token, a proxy or certificates, an object.
const http = await startReportServer(file, 0)
{
  await using client = await Client.connect({ url: http.url, headers: { 'x-trace': 'guide' } })
  console.log(`a URL: ${client.serverInfo?.name} has ${(await client.listTools()).length} tools`)
}
await http.end('SIGTERM')

// A server in this process: nothing is started, which is what tests want.
const inProcess = (): McpServer => {
  const here = new McpServer({ name: 'here', version: '1.0.0' })
  here.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }))
  return here
}
const client = new Client(inProcess)

// Who connects closes; the last one to close ends the connection.
await Promise.all(
  [1, 2, 3].map(async (a) => {
    await client.connect()
    try {
      const { content } = await client.callTool('add', { a, b: a })
      console.log(`shared: ${content.map((block) => (block.type === 'text' ? block.text : '')).join('')}`)
    } finally {
      await client.close()
    }
  }),
)
console.log(`connected after the last close: ${client.isConnected}`)

// Another client of the same target and options, with a connection of its own.
await using second = client.new()
await second.connect()
console.log(`a second client: ${second.serverInfo?.name}`)

// What cannot be connected to says why.
const refused = await Client.connect('http://127.0.0.1:9/mcp', { connectTimeoutMs: 5000 }).catch(
  (error: unknown) => error,
)
if (refused instanceof ConnectError) console.log(`refused: ${refused.code}`)

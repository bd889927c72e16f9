/** What can go wrong, and how a program tells it apart; docs/errors.md explains it. */
import { Client, LongcallError, RequestError, RpcError, ToolError } from '@longcall/client'
import { server } from './the-server.ts'

await using client = await Client.connect(server)

// The tool ran and says that it failed: all that it returned is in the error.
try {
  await client.callTool('render_report', { title: '', pages: 1 })
} catch (error) {
  if (error instanceof ToolError) console.log(`the tool failed: ${error.result.isError}`)
  else if (error instanceof RpcError) console.log(`the server refused the arguments: ${error.rpcCode}`)
  else throw error
}

// A failure can be a result like any other.
const { isError } = await client
  .callTool('render_report', { title: '', pages: 1 }, { throwOnError: false })
  .catch(refused)
console.log(`as a result: ${isError}`)

// The server refused the request: code and data are kept.
const unknown = await client.readResource('reports://nothing').catch((error: unknown) => error)
if (unknown instanceof RpcError) console.log(`no such resource: ${unknown.rpcCode}`)

// No answer came. Whether the tool ran is not known.
const late = await client
  .callTool('render_report', { title: 'Tides', pages: 20 }, { timeoutMs: 200 })
  .catch((error: unknown) => error)
if (late instanceof RequestError) console.log(`no answer: ${late.failure.kind}`)
else if (late instanceof LongcallError) console.log(`no answer: ${late.code}`)

// Used wrongly: nothing was sent.
const misused = await client.readResource('not a URI').catch((error: unknown) => error)
if (misused instanceof LongcallError) console.log(`misused: ${misused.code}`)

/** Some servers refuse bad arguments with an error of the protocol, others let the tool fail. */
function refused(error: unknown): { isError: boolean } {
  if (error instanceof RpcError) return { isError: true }
  throw error
}

// @ts-check
/** A program that connects to a server, calls it, closes the connection, and has nothing else to do. */
import { Client } from '@longcall/client'

const [command = '', ...args] = process.argv.slice(2)
const { PIDS = '' } = process.env
const client = await Client.connect({ command, args, env: { PIDS }, stderr: 'ignore' }, { era: 'legacy' })
await client.callTool('echo', { text: 'hello' })
// Nothing but the server keeps the process open meanwhile.
setTimeout(() => void client.close().then(() => console.log('closed')), 50).unref()

// @ts-check
/**
 * A program that connects to a server, says that it has, and stays: `node client-process.mjs <command> [arguments]`.
 */
import { Client } from '@longcall/client'

const [command = '', ...args] = process.argv.slice(2)
const { PIDS = '' } = process.env
const client = await Client.connect({ command, args, env: { PIDS }, stderr: 'ignore' }, { era: 'legacy' })
console.log(`connected to ${client.isConnected}`)
setInterval(() => {}, 60_000)

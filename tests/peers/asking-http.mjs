// @ts-check
/** The tools that ask, over HTTP and in a file: `node asking-http.mjs <port> <file>`. Prints `listening <url>`. */
import { serveHttp } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'
import { McpServer } from '@modelcontextprotocol/server'
import { createAskingTools } from './asking-tools.mjs'

const [port = '0', file = ''] = process.argv.slice(2)
const tasks = createAskingTools({ backend: sqlite(file) })
const factory = () => new McpServer({ name: 'asking', version: '1.0.0' })
const { url } = await serveHttp(factory, { tasks, port: Number(port) })
console.log(`listening ${url}`)

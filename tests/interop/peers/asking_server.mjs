// @ts-check
/** A server on @longcall/server whose tools ask their caller for answers in tasks of the caller's. */
import { serveHttp, serveStdio } from '@longcall/server'
import { McpServer } from '@modelcontextprotocol/server'
import { createAskingTools } from '../../peers/asking-tools.mjs'
import { announce, portFromEnv } from '../../peers/http-listener.mjs'

const tasks = createAskingTools()
const createServer = () => new McpServer({ name: 'asking-server', version: '1.0.0' })
if (process.argv[2] === 'http') announce(await serveHttp(createServer, { tasks, port: portFromEnv() }))
else serveStdio(createServer, { tasks })

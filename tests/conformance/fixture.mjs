// @ts-check
/** The server under test: what the SDK alone is measured with, and the tools of tasks, served by this project's server. */
import { createTasks, serveHttp } from '@longcall/server'
import { announce, portFromEnv } from '../peers/http-listener.mjs'
import { EventLog } from './event-log.mjs'
import { buildPlainServer } from './plain/plain-server.mjs'
import { registerTaskTools } from './task-tools.mjs'

const tasks = createTasks({ name: 'conformance', pollIntervalMs: 100 })
registerTaskTools(tasks)

/** @type {import('./plain/plain-server.mjs').ListChanges} */
const changes = {
  toolsChanged: () => http.notify.toolsChanged(),
  promptsChanged: () => http.notify.promptsChanged(),
}
/** @type {import('@longcall/server').HttpEndpoint} */
const http = await serveHttp((context) => buildPlainServer(context, changes), {
  tasks,
  port: portFromEnv(),
  eventStore: () => new EventLog(),
})
announce(http)

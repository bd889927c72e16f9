// @ts-check
import { announce, portFromEnv } from '../../peers/http-listener.mjs'
import { createTaskServing } from './task_serving.mjs'

const serving = createTaskServing()
const [way] = process.argv.slice(2)
if (way === 'http') announce(await serving.serveHttp(portFromEnv()))
else if (way === 'http-by-name') announce(await serving.serveHttpByName(portFromEnv()))
else serving.serveStdio()

// @ts-check
/**
 * The server of the soak, written by hand so that the client is most of what a call costs: `main.mjs <stdio | http> <legacy |
 * modern> <mark>`. Nobody reads the mark: by it what is left of a server is found among all processes.
 *
 * | variable  | what it says                                                               |
 * | --------- | -------------------------------------------------------------------------- |
 * | `JOURNAL` | the file to which each run of `look` and `add` appends the name of its call |
 * | `PORT`    | where to listen; any free port by default                                  |
 * | `HELPER`  | start a process that ignores SIGTERM and outlives its parent, as some do    |
 */
import { spawn } from 'node:child_process'
import { methodsOf } from './methods.mjs'
import { serveStdio } from './serve-stdio.mjs'

const [over, era, mark = ''] = process.argv.slice(2)
const { JOURNAL, PORT = '0', HELPER } = process.env
if (HELPER !== undefined) {
  const loop = 'trap "" TERM; while :; do sleep 1; done'
  spawn('/bin/sh', ['-c', loop, mark], { stdio: 'ignore' })
}
const methods = methodsOf({ era: era === 'modern' ? 'modern' : 'legacy', journal: JOURNAL })
if (over === 'stdio') serveStdio(methods)
else {
  // Who is started a thousand times loads no more than it needs.
  const { serveHttp } = await import('./serve-http.mjs')
  serveHttp(methods, { port: Number(PORT), hasSessions: era === 'legacy' })
}

// @ts-check
/** A program that starts, connects, calls a tool once, and ends: `node cold-start-subject.mjs <options>`. */
import { writeSync } from 'node:fs'
import { callers } from './support/callers.mjs'
import { subjectOptions } from './support/subject.mjs'

const { caller, place, ...options } = subjectOptions()
const connect = callers[caller]
let echoedAt = Number.NaN

process.on('exit', () => {
  // Without the time of the server's process, which is not waited for here.
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  writeSync(1, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, echoedAt }))
})

// Without a client, what Node itself takes.
if (connect !== undefined) {
  const client = await connect(place, options)
  const { content } = await client.echo('hello')
  if (content[0]?.text !== 'hello') throw new Error(`the answer is another: ${JSON.stringify(content)}`)
  echoedAt = performance.timeOrigin + performance.now()
  await client.close()
}

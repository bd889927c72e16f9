// @ts-check
/** A client that stays connected to the bare server, and calls its tool when it is told to. */
import { callers } from './support/callers.mjs'
import { measureCpu, runSome } from './support/measure.mjs'
import { beSubject, subjectOptions } from './support/subject.mjs'

const { caller, place, ...options } = subjectOptions()
const client = await /** @type {import('./support/callers.mjs').Connect} */ (callers[caller])(place, options)

beSubject('ready', ({ count, atOnce }) => measureCpu(count, () => runSome(count, atOnce, call)))

/** @param {number} index */
async function call(index) {
  const text = `hello ${index}`
  const { content } = await client.echo(text)
  if (content[0]?.text !== text) throw new Error(`the answer to ${text} is another: ${JSON.stringify(content)}`)
}

// @ts-check
import { RunningCalls } from './running-calls.mjs'

/** Speaks over stdin and stdout, and ends with stdin. @param {import('./methods.mjs').Methods} methods */
export function serveStdio(methods) {
  const calls = new RunningCalls(methods)
  let rest = ''
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const message = JSON.parse(line)
      if (message.method === undefined) continue
      if (message.id === undefined) calls.notified(message)
      else void calls.answer(message, write).then(write)
    }
  })
  process.stdin.once('end', () => process.exit(0))
  process.stdout.on('error', () => process.exit(0))
}

/** @param {object | undefined} message */
function write(message) {
  if (message !== undefined) process.stdout.write(`${JSON.stringify(message)}\n`)
}

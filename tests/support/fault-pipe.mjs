// @ts-check
/**
 * Stands between a client and a real stdio server and hurts chosen lines:
 *
 *     FAULTS='[{"match":{"method":"tasks/get","direction":"response"},"fault":"drop"}]' \
 *       node fault-pipe.mjs node server.mjs
 *
 * Faults: `drop` the line, `delay` it by `ms` with all that follow, `duplicate` it, `reorder` it after the next line of
 * its direction, put a `garbage` line before it, `truncate` it (half of it comes as a line).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { MethodMemory, RuleBook, SetAside } from './fault-rules.mjs'
import { parseJson } from './fault-sse.mjs'

/**
 * @typedef {'drop' | 'delay' | 'duplicate' | 'reorder' | 'garbage' | 'truncate'} PipeFault
 * @typedef {import('./fault-rules.mjs').FaultRule & { fault: PipeFault }} PipeFaultRule
 */

const GARBAGE = 'warning: this line is not JSON-RPC {'

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('usage: fault-pipe.mjs <command> [arguments]')

/** @type {RuleBook<PipeFaultRule>} */
const rules = new RuleBook()
rules.set(JSON.parse(process.env['FAULTS'] ?? '[]'))
const methods = new MethodMemory()

const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
// What is still on its way to a server that has gone is lost; a client that has gone takes the server along.
server.stdin.on('error', () => {})
process.stdout.on('error', () => server.kill())
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => server.kill(signal))

void relay('request', process.stdin, server.stdin).then(() => server.stdin.end())
const relayed = relay('response', server.stdout, process.stdout)
const [code] = await once(server, 'close')
await relayed
process.exit(code ?? 1)

/**
 * @param {import('./fault-rules.mjs').Direction} direction
 * @param {NodeJS.ReadableStream} from
 * @param {NodeJS.WritableStream} to
 */
async function relay(direction, from, to) {
  const aside = new SetAside()
  const write = (/** @type {string} */ line) => void to.write(`${line}\n`)
  for await (const line of createInterface({ input: from, crlfDelay: Infinity })) {
    const rule = rules.take(direction, methodOf(direction, line))
    if (rule?.fault === 'drop') continue
    if (rule?.fault === 'reorder') {
      void aside.untilAnotherPassed(rule.ms).then(() => write(line))
      continue
    }
    if (rule?.fault === 'delay') await sleep(rule.ms ?? 0)
    if (rule?.fault === 'garbage') write(GARBAGE)
    if (rule?.fault === 'duplicate') write(line)
    write(rule?.fault === 'truncate' ? line.slice(0, Math.ceil(line.length / 2)) : line)
    aside.passed()
  }
}

/**
 * @param {import('./fault-rules.mjs').Direction} direction
 * @param {string} line
 */
function methodOf(direction, line) {
  const message = parseJson(line) ?? {}
  if (direction === 'response') return methods.methodOf(message)
  methods.remember(message)
  return message.method ?? 'response'
}

// @ts-check
/**
 * A server by hand, a line of JSON at a time, that behaves over stdio as it is told on its command line:
 *
 * - `--ignore-eof`: it goes on when its stdin ends; `--ignore-term`: and when it is asked to end.
 * - `--helper`: it starts a process that has a stdio of its own, and leaves it behind.
 * - `--deaf`: it never reads its stdin.
 *
 * Every process appends its pid to the file that the variable `PIDS` names.
 */
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const flags = new Set(process.argv.slice(2))
if (process.env['PIDS'] !== undefined) appendFileSync(process.env['PIDS'], `${process.pid}\n`)
if (flags.has('--ignore-eof')) setInterval(() => {}, 60_000)
if (flags.has('--ignore-term')) process.on('SIGTERM', () => {})
if (flags.has('--helper')) startHelper('ignore')

/** @param {'ignore' | 'inherit'} stdio What the helper holds of this process. */
function startHelper(stdio) {
  const write = `require('node:fs').appendFileSync(process.env.PIDS, process.pid + '\\n')`
  spawn(process.execPath, ['-e', `${write}; setInterval(() => {}, 60000)`], { stdio: ['ignore', stdio, stdio] }).unref()
}

/** @type {Record<string, (args: Record<string, any>) => unknown>} */
const tools = {
  echo: ({ text }) => text,
  env: () => process.env,
  cwd: () => process.cwd(),
  repeat: ({ text, times }) => text.repeat(times),
  /** Prints lines before the answer, which are none of the protocol. */
  print: ({ lines }) => {
    process.stdout.write(lines)
    return 'printed'
  },
  complain: ({ text, times = 1 }) => {
    process.stderr.write(text.repeat(times))
    return 'complained'
  },
  die: ({ leaving }) => {
    if (leaving === true) startHelper('inherit')
    process.exit(3)
  },
  endStdout: () => void process.stdout.end(),
}

/**
 * The result or the error that a request is answered with.
 *
 * @param {{ method: string, params: any }} request
 */
function answer({ method, params }) {
  if (method === 'initialize') {
    const { protocolVersion } = params
    const serverInfo = { name: 'by-hand', version: '1.0.0' }
    return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo } }
  }
  if (method === 'ping') return { result: {} }
  if (method !== 'tools/call') return { error: { code: -32_601, message: `Method not found: ${method}` } }
  const said = tools[params.name]?.(params.arguments ?? {})
  return { result: { content: [{ type: 'text', text: typeof said === 'string' ? said : JSON.stringify(said) }] } }
}

process.stderr.write('ready\n')
if (!flags.has('--deaf')) {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const request = JSON.parse(line)
    if (request.id === undefined) return
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, ...answer(request) })}\n`)
  })
}

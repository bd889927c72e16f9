// @ts-check
/**
 * Starts a program, as npx does, hands it its stdio, waits for it, and ends as it did: `node wrapper.mjs <command>
 * [arguments]`.
 */
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'

const [command = '', ...args] = process.argv.slice(2)
if (process.env['PIDS'] !== undefined) appendFileSync(process.env['PIDS'], `${process.pid}\n`)
spawn(command, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1))

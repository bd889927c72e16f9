import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const program = `
  import { memory, serveStdio, createTasks } from '@longcall/server'
  import { McpServer } from '@modelcontextprotocol/server'
  const backend = memory()
  backend.store.close = () => Promise.reject(new Error('the disk is gone'))
  const factory = () => new McpServer({ name: 'x', version: '1.0.0' })
  serveStdio(factory, { tasks: createTasks({ backend }), onError: ({ message }) => console.error('heard', message) })
`

test('what fails when standard input ends is reported, and ends no process', async () => {
  const server = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const said = text(server.stderr)
  server.stdin.end()
  expect(await said).toBe('heard the disk is gone\n')
  expect(await ended).toBe(0)
})

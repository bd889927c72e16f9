import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** What each example prints, line by line; the beginning of a line where the rest may differ. */
const printed: Readonly<Record<string, readonly string[]>> = {
  connecting: [
    'a command: reports speaks 2026-07-28',
    'a command line: reports',
    'a URL: reports has 2 tools',
    'shared: 2',
    'shared: 4',
    'shared: 6',
    'connected after the last close: false',
    'a second client: here',
    'refused: connect_failed',
  ],
  calling: [
    'tool: estimate_pages',
    'tool: render_report',
    'resource: reports://bindings',
    'content: 3 pages',
    'data: 2 pages, spiral',
    'progress: ',
    'a task, completed',
    'bindings: ["stapled","spiral","hardcover"]',
    'raw: _meta, content, resultType',
    'a handle of a resource: true, 1',
  ],
  questions: [
    'asked: The pages are set. How should the report be bound?',
    'answered: {"title":"Tides","pages":1,"binding":"hardcover"}',
    'open: "The pages are set. How should the report be bound?"',
    'declined: "Tides": 1 pages, left unbound.',
    'replaced: {"title":"Tides","pages":1,"binding":"hardcover"}',
  ],
  hosting: [
    'asked in a task that is kept for 86400000 ms: The pages are set. How should the report be bound?',
    'answered: {"title":"Tides","pages":1,"binding":"hardcover"}',
  ],
  journal: [
    'begun: true',
    'kept: tools/call, running, in the hands of nobody',
    'asked: The pages are set. How should the report be bound?',
    'outcome: tools/call fulfilled',
    'left: 0',
  ],
  errors: [
    'the tool failed: true',
    'as a result: true',
    'no such resource: -32602',
    'no answer: wait_timeout',
    'misused: invalid_option',
  ],
  timeouts: ['kept alive by progress', 'gave up waiting: total', 'went on: completed', 'stopped: true'],
}

describe.concurrent('an example of the guide', () => {
  test.for(Object.entries(printed))('does what its page says: %s', async ([name, lines]) => {
    const { stdout } = await run(process.execPath, [join(root, `examples/dist/guide/${name}.js`)], { timeout: 60_000 })
    const said = stdout.split('\n')
    for (const line of lines) expect(said.some((each) => each.startsWith(line))).toBe(true)
  })
})

test('each page of the guide has its example, and each example its page', async () => {
  const examples = (await readdir(join(root, 'examples/guide'))).filter((name) => name !== 'the-server.ts')
  expect(examples.map((name) => name.replace(/\.ts$/, '')).toSorted()).toEqual(Object.keys(printed).toSorted())
  for (const name of examples) {
    const page = await readFile(join(root, 'docs', name.replace(/\.ts$/, '.md')), 'utf8')
    expect(page).toContain(`examples/guide/${name}`)
  }
})

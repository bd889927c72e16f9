// @ts-check
/**
 * A client in a process of its own that calls `name_as_task`, answers its question in a task that a file keeps, and may die
 * at a point: `node hosting-client.mjs <url> <folder> [point]`. Started again with the same folder, it goes on.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@longcall/client'
import { sqlite } from '@longcall/sqlite'

const [url = '', folder = '', point] = process.argv.slice(2)
const reference = join(folder, 'reference.json')

/** @param {string} reached */
const reach = (reached) => {
  if (reached === point) process.kill(process.pid, 'SIGKILL')
}

/** A backend that says before and after each write that its moment has come. */
function backend() {
  const { store, engine } = sqlite(join(folder, 'hosted.db'))
  const watched = new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'create' && name !== 'claim' && name !== 'end') return value.bind(target)
      return async (/** @type {unknown[]} */ ...args) => {
        reach(`${name}:before`)
        const result = await value.apply(target, args)
        reach(`${name}:after`)
        return result
      }
    },
  })
  return { store: watched, engine }
}

const client = await Client.connect(url, {
  era: 'legacy',
  hostTasks: {
    pollIntervalMs: 20,
    backend,
    onElicitation: ({ message }) => {
      appendFileSync(join(folder, 'asked'), `${message}\n`)
      reach('asked')
      return { name: 'Ann' }
    },
  },
})
const task = existsSync(reference)
  ? client.tasks.resume(JSON.parse(readFileSync(reference, 'utf8')))
  : await client.callTool('name_as_task', {}, { task: true })
writeFileSync(reference, JSON.stringify(task))
const result = /** @type {import('@longcall/client').ToolResult} */ (await task.result())
const [block] = result.content
console.log(`result: ${block?.type === 'text' ? block.text : 'none'}`)
await client.close()

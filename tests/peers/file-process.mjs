// @ts-check
/**
 * A process that has a task file open and does what it is told, one thing after the other:
 *
 *     fork('file-process.mjs', ['libsql'])  <- { ask: ['open', '/tmp/tasks.db'] }  -> { value } or { error }
 */
import { TaskRuntime } from '@longcall/core'
import { libsql, nodeSqlite, sqlite } from '@longcall/sqlite'

// Now, and not when it is somebody who may not read them.
const driver = [nodeSqlite(), libsql()].find((one) => one?.name === process.argv[2])
if (driver === undefined) throw new Error(`no such driver: ${process.argv[2]}`)

/** @type {import('@longcall/core').TaskBackend | undefined} */
let backend

/** @type {Record<string, (...args: any[]) => unknown>} */
const deeds = {
  umask: (mask) => process.umask(mask),
  /** Becomes nobody, who may do nothing that is not allowed to all. Whoever is not root is subject to permissions already. */
  beNobody: () => {
    if (process.getuid?.() !== 0) return
    process.setgroups?.([])
    process.setgid?.(65_534)
    process.setuid?.(65_534)
  },
  open: (file, options) => {
    backend = sqlite(file, { driver, ...options })
  },
  /** Calls a method of the store. */
  call: (method, ...args) => /** @type {any} */ (opened().store)[method](...args),
  /** Runs tasks of the tool `work`, each of which says who ran it. */
  run: async () => {
    const runtime = new TaskRuntime({ backend: opened(), namespace: 'test' })
    runtime.define('work', { body: async () => ({ kind: 'result', result: { by: process.pid } }) })
    await runtime.open()
  },
}

function opened() {
  if (backend === undefined) throw new Error('nothing is open')
  return backend
}

/**
 * @param {string} deed
 * @param {unknown[]} args
 */
async function answer(deed, args) {
  try {
    return { value: await deeds[deed]?.(...args) }
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error)
    return { error: { code, message } }
  }
}

process.on('message', (/** @type {{ ask: [string, ...unknown[]] }} */ { ask: [deed, ...args] }) => {
  void answer(deed, args).then((reply) => process.send?.(reply))
})
// Its parent is gone.
process.on('disconnect', () => process.exit())
process.send?.({ value: 'ready' })

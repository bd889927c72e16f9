// @ts-check
/**
 * A process that begins, changes and removes a record of a journal in files, and kills itself before the n-th thing that it does
 * to the file system. Each step that the journal said is done is told to the parent.
 */
import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [path = '', last = '0'] = process.argv.slice(2)
let done = 0

for (const name of /** @type {const} */ ([
  'open',
  'mkdir',
  'rename',
  'link',
  'truncate',
  'rm',
  'writeFile',
  'utimes',
])) {
  const real = /** @type {(...args: any[]) => any} */ (promises[name])
  Object.assign(promises, {
    /** @param {any[]} args */
    [name]: (...args) => {
      done += 1
      if (done === Number(last)) process.kill(process.pid, 'SIGKILL')
      return real(...args)
    },
  })
}
syncBuiltinESMExports()

const { fileJournal } = await import('@longcall/client')
const journal = fileJournal(path)
const key = { scope: 'steps', id: 'one' }
await journal.edit(key, () => ({ n: 1 }))
process.send?.('begun')
await journal.edit(key, () => ({ n: 2 }))
process.send?.('changed')
await journal.edit(key, () => undefined)
process.send?.('removed')
await journal.close()
process.disconnect()

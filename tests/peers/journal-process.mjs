// @ts-check
/**
 * A process that counts in a record of a journal, together with others, until it has counted enough or is killed. Each count is told
 * to the parent once the journal said that it is kept.
 */
import { fileJournal } from '@longcall/client'
import { sqliteJournal } from '@longcall/sqlite'

const [kind, path = '', name = '', times] = process.argv.slice(2)
const journal = kind === 'sqlite' ? sqliteJournal(path) : fileJournal(path)
const key = { scope: 'counting', id: 'counts' }

for (let n = 1; n <= Number(times); n += 1) {
  await journal.edit(key, (content) => {
    if (Number(content?.[name] ?? 0) !== n - 1)
      throw new Error(`a count of ${name} is not there: ${JSON.stringify(content)}`)
    return { ...content, [name]: n }
  })
  process.send?.(n)
}
await journal.close()
process.disconnect()

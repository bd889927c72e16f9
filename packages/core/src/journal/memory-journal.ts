import { JournalError } from '../errors/journal-error.ts'
import { toJsonObject, type JsonObject } from '../json/json.ts'
import { HintHub } from '../store/hint-hub.ts'
import type { Journal, JournalHolder } from './journal.ts'

/** A {@link Journal} in memory: for tests, and for programs in which only connections are lost. It ends with its process. */
export function memoryJournal(): Journal {
  const scopes = new Map<string, Map<string, JsonObject>>()
  const holders = new Map<string, JournalHolder>()
  const hints = new HintHub()
  let isClosed = false
  const open = (): void => {
    if (isClosed) throw new JournalError('journal_closed', 'The journal in memory was closed. Make another to go on.')
  }
  return {
    name: 'in memory',
    get: async ({ scope, id }) => {
      open()
      return scopes.get(scope)?.get(id)
    },
    list: async (scope) => {
      open()
      return [...(scopes.get(scope) ?? [])].map(([id, content]) => ({ id, content }))
    },
    edit: async ({ scope, id }, change) => {
      open()
      const records = scopes.get(scope) ?? new Map<string, JsonObject>()
      const found = records.get(id)
      const wanted = change(found)
      if (wanted === found) return found
      const content = wanted === undefined ? undefined : toJsonObject(wanted, `record ${id} of the journal`)
      if (content === undefined) records.delete(id)
      else records.set(id, content)
      if (records.size === 0) scopes.delete(scope)
      else scopes.set(scope, records)
      hints.send(scope)
      return content
    },
    watch: (scope, hint) => (isClosed ? () => {} : hints.watch(scope, hint)),
    beat: async (holder) => {
      open()
      holders.set(holder.name, { ...holder })
    },
    leave: async (name) => {
      open()
      holders.delete(name)
    },
    holders: async () => {
      open()
      return [...holders.values()]
    },
    close: async () => {
      isClosed = true
      hints.clear()
    },
  }
}

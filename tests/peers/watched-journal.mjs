// @ts-check
/**
 * A journal whose writes have names, so that a test can hold, fail or kill at each: the product has no hooks for it.
 *
 * @typedef {import('@longcall/core').Journal} Journal
 * @typedef {import('@longcall/core').JsonObject} JsonObject
 * @typedef {'intent' | 'reference' | 'taken' | 'let go' | 'shown' | 'answered' | 'delivered' | 'released' | 'ended' | 'removed'} JournalWrite
 */

/**
 * @param {Journal} journal
 * @param {(write: JournalWrite, when: 'before' | 'after') => void | Promise<void>} at what it throws before a write keeps it from
 *   being made
 * @returns {Journal}
 */
export function watchedJournal(journal, at) {
  return {
    name: journal.name,
    get: (key) => journal.get(key),
    list: (scope) => journal.list(scope),
    edit: async (key, change) => {
      const found = await journal.get(key)
      const write = nameOf(found, change(found))
      if (write === undefined) return journal.edit(key, change)
      await at(write, 'before')
      const content = await journal.edit(key, change)
      await at(write, 'after')
      return content
    },
    watch: (scope, hint) => journal.watch(scope, hint),
    beat: (holder) => journal.beat(holder),
    leave: (name) => journal.leave(name),
    holders: () => journal.holders(),
    close: () => journal.close(),
  }
}

/**
 * @param {any} before
 * @param {any} after
 * @returns {JournalWrite | undefined}
 */
function nameOf(before, after) {
  if (before === after) return undefined
  if (after === undefined) return 'removed'
  if (before === undefined) return 'intent'
  if (before.state !== after.state) return after.state === 'running' ? 'reference' : 'ended'
  if (before.holder !== after.holder) return after.holder === null ? 'let go' : 'taken'
  const [changed] = Object.entries(after.questions).find(([slot, kept]) => before.questions[slot] !== kept) ?? []
  return changed === undefined ? 'released' : after.questions[changed].state
}

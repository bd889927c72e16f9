import type { Journal } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'

/**
 * A {@link Journal} in a folder of its own, for its owner alone. Several processes of one machine may share it; each write is
 * on the disk before the call goes on.
 *
 * The folder is made where there is none, and looked at when it is first used. The disk must have hard links, as those of
 * Linux, macOS and Windows (NTFS) do.
 *
 * @param path The folder.
 * @throws {InvalidOptionError} Thrown when it is no path.
 */
export function fileJournal(path: string): Journal {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new InvalidOptionError('path', path, 'the path of a folder')
  let opening: Promise<Journal> | undefined
  let isClosed = false
  // A program that keeps no journal loads nothing of it.
  const opened = (): Promise<Journal> => {
    opening ??= import('./journal-folder.ts').then(({ JournalFolder }) => {
      const folder = new JournalFolder(path)
      if (isClosed) void folder.close()
      return folder
    })
    return opening
  }
  return {
    name: path,
    get: async (key) => (await opened()).get(key),
    list: async (scope) => (await opened()).list(scope),
    edit: async (key, change) => (await opened()).edit(key, change),
    watch: (scope, hint) => {
      let end: (() => void) | undefined
      let isOver = false
      void opened().then((journal) => {
        if (!isOver) end = journal.watch(scope, hint)
      })
      return () => {
        isOver = true
        end?.()
      }
    },
    beat: async (holder) => (await opened()).beat(holder),
    leave: async (name) => (await opened()).leave(name),
    holders: async () => (await opened()).holders(),
    close: async () => {
      isClosed = true
      await (await opening)?.close()
    },
  }
}

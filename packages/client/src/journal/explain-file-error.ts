import { JournalError } from '@longcall/core'

/** What the file system refused, as an error that says which journal and what to do; anything else as it is. */
export function explain(error: unknown, journal: string): unknown {
  const { syscall, code = '', message } = error as NodeJS.ErrnoException
  if (syscall === undefined || error instanceof JournalError) return error
  const what = `The journal ${journal} could not be read or written: ${message}. ${advice[code] ?? ''}`
  return new JournalError('journal_failed', what.trimEnd(), { cause: error })
}

/** Whether the file system said one of these. */
export function saysOneOf(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(String((error as NodeJS.ErrnoException | null)?.code))
}

const permission = 'Let this process write to the folder, or name another.'
const full = 'Nothing was written; free some space, and it goes on.'
const moved = 'It was moved or deleted while it was open: put it back, or restart this process.'
const links = 'Its disk has no hard links, which a journal needs: keep it on another.'

const advice: Readonly<Record<string, string>> = {
  EACCES: permission,
  EPERM: permission,
  EROFS: permission,
  ENOENT: moved,
  ENOSPC: full,
  EDQUOT: full,
  ENOTSUP: links,
  EOPNOTSUPP: links,
  ENOSYS: links,
}

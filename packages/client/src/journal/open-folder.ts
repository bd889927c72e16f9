import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { JournalError } from '@longcall/core'
import { makeFolder, namesIn } from './draft-folder.ts'
import { saysOneOf } from './explain-file-error.ts'

/**
 * Makes the folder of a journal, or sees that one that is there can be used.
 *
 * One that others may read is shut to them, if it is ours to shut and holds a journal or nothing.
 *
 * @throws {JournalError} Thrown with `journal_unusable` when it is no journal's, or stays open to others.
 */
export async function openFolder(path: string): Promise<void> {
  if ((await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined) await chmod(path, 0o700)
  await assertOurs(path)
  await shut(path)
  for (const name of ['scopes', 'holders', 'drafts']) await makeFolder(join(path, name), path)
}

const markName = 'journal.json'
const version = 1

async function assertOurs(path: string): Promise<void> {
  const names = await namesIn(path)
  if (names.length === 0) {
    const text = `${JSON.stringify({ longcall: 'journal', version })}\n`
    await writeFile(join(path, markName), text, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
      // Another process was first.
      if (!saysOneOf(error, 'EEXIST')) throw error
    })
    return
  }
  if (!names.includes(markName)) {
    throw unusable(path, 'holds other things. Give the journal a folder of its own.')
  }
  const found = await readMark(join(path, markName))
  if (found > version) {
    throw unusable(
      path,
      `was written by a newer @longcall/client (version ${found}). Restart this process with that one.`,
    )
  }
}

async function readMark(path: string): Promise<number> {
  try {
    const mark = JSON.parse(await readFile(path, 'utf8')) as { readonly version?: unknown } | null
    return Number(mark?.version)
  } catch (error) {
    // Half written: by another process, this moment.
    if (error instanceof SyntaxError) return version
    throw error
  }
}

/** A session id lets whoever reads it act as this client, and results are nobody else's business. */
async function shut(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode, uid } = await stat(path)
  if (uid !== process.getuid?.() && process.getuid?.() !== 0)
    throw unusable(path, 'belongs to somebody else, who could read it. Give the journal a folder of its own.')
  if ((mode & 0o077) !== 0) await chmod(path, 0o700)
}

function unusable(path: string, why: string): JournalError {
  return new JournalError(
    'journal_unusable',
    `The journal cannot be kept in ${dirname(join(path, markName))}: it ${why}`,
  )
}

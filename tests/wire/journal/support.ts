import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileJournal, memoryJournal, type Journal } from '@longcall/client'
import { sqliteJournal } from '@longcall/sqlite'
import { onTestFinished } from 'vitest'
import { settings, type Setting } from '../../support/servers.ts'

/** Opens a journal; what is opened of one kind in one test is one journal, as for several processes. */
export type OpenJournal = () => Promise<Journal>

const kinds = ['memory', 'file', 'sqlite'] as const

/** For `describe.each`: each wire with a journal of some kind. */
export function journaled(): { name: string; setting: Setting; open: () => OpenJournal }[] {
  const dual = settings({ peer: 'dual' }).filter(({ setting }) => setting.transport !== 'stdio')
  return dual.flatMap(({ name, setting }, n) => {
    const kind = kinds[n % kinds.length]!
    return [{ name: `${name}, journal: ${kind}`, setting, open: () => journals(kind) }]
  })
}

/** A journal that is gone at the end of the test. */
function journals(kind: (typeof kinds)[number]): OpenJournal {
  const shared = memoryJournal()
  let folder: Promise<string> | undefined
  const opened: Journal[] = []
  onTestFinished(async () => {
    await Promise.all(opened.map((journal) => journal.close()))
    if (folder !== undefined) await rm(await folder, { recursive: true })
  })
  return async () => {
    if (kind === 'memory') return shared
    folder ??= mkdtemp(join(tmpdir(), 'longcall-calls-'))
    const path = join(await folder, 'calls')
    const journal = kind === 'file' ? fileJournal(path) : sqliteJournal(path)
    opened.push(journal)
    return journal
  }
}
